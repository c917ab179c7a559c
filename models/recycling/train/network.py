"""A small convolutional network in numpy: three layers that halve the picture, and one that weighs what they found.

The same numbers come out on every processor. A sum of floating-point numbers depends on its order, and the order on the
processor's instructions; so what is multiplied and added is rounded to few binary digits before, and every product and
sum then has an exact result in 64-bit floats, whatever the order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SIDE = 48
"""Pictures are this many pixels wide and high."""
CHANNELS = (3, 8, 16, 32)
KERNEL = 3
_VALUE_DIGITS = 12
_GRADIENT_DIGITS = 26
_PART = 8
_TURNS: tuple[Callable[[Array], Array], ...] = (
    lambda seen: np.flip(seen, 1),
    lambda seen: np.flip(seen, 2),
    lambda seen: seen.swapaxes(1, 2),
)
"""Whatever lies in a picture, it is the same when the picture is mirrored or turned by a right angle."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What is learnt.

    Attributes:
        kernels: For each convolution, (rows x columns x channels) x channels of the next layer.
        biases: One for each channel of the next layer.
        weights: (rows x columns x channels) x classes.
        offsets: One for each class.
    """

    kernels: tuple[Array, ...]
    biases: tuple[Array, ...]
    weights: Array
    offsets: Array

    @classmethod
    def random(cls, rng: np.random.Generator, classes: int) -> "Parameters":
        """Where learning starts: as large as keeps the spread of the values from layer to layer."""
        kernels = [
            rng.standard_normal((KERNEL**2 * before, after)) * np.sqrt(2 / (KERNEL**2 * before))
            for before, after in pairwise(CHANNELS)
        ]
        found = (SIDE >> len(kernels)) ** 2 * CHANNELS[-1]
        return cls(
            kernels=tuple(kernels),
            biases=tuple(np.zeros(after) for after in CHANNELS[1:]),
            weights=rng.standard_normal((found, classes)) * np.sqrt(1 / found),
            offsets=np.zeros(classes),
        )

    def all(self) -> tuple[Array, ...]:
        """All arrays, in a fixed order."""
        return (*self.kernels, *self.biases, self.weights, self.offsets)

    @classmethod
    def of(cls, arrays: tuple[Array, ...]) -> "Parameters":
        """The reverse of `all`."""
        layers = len(CHANNELS) - 1
        return cls(kernels=arrays[:layers], biases=arrays[layers : 2 * layers], weights=arrays[-2], offsets=arrays[-1])

    def rounded(self) -> "Parameters":
        """What is multiplied with, and what is exported: exact in 32-bit floats, too."""
        return Parameters.of(tuple(_rounded(array, _VALUE_DIGITS) for array in self.all()))


def normalized(pixels: npt.NDArray[np.uint8]) -> Array:
    """Bytes as numbers from -1 to almost 1. The graph that is served starts with the same."""
    return (pixels.astype(np.float64) - 128) / 128


def logits(parameters: Parameters, pictures: Array) -> Array:
    """What speaks for each class, for each picture.

    Args:
        parameters: The network, rounded.
        pictures: Pictures x rows x columns x colours, normalized.
    """
    *_, values = _forward(parameters, pictures)
    return values @ parameters.weights + parameters.offsets


def train(
    parameters: Parameters,
    pictures: Array,
    labels: npt.NDArray[np.int64],
    *,
    rng: np.random.Generator,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> Iterator[tuple[Parameters, float]]:
    """Learn with Adam, the learning rate falling to zero; yields the network and its loss after each epoch.

    Args:
        parameters: Where to start.
        pictures: Pictures x rows x columns x colours, normalized. Mirrored at random while learning.
        labels: Index of each picture's class.
        rng: Shuffles and mirrors.
        epochs: How often each picture is seen, at least 1.
        batch_size: Pictures of a step, a power of two, so that a mean is exact.
        learning_rate: Largest change of a parameter in a step, about.
    """
    moments = [(np.zeros_like(array), np.zeros_like(array)) for array in parameters.all()]
    batches = len(pictures) // batch_size
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(pictures))
        losses = []
        for batch in order[: batches * batch_size].reshape(batches, batch_size):
            step += 1
            rate = learning_rate * (1 - step / (epochs * batches + 1))
            seen = pictures[batch]
            for turn in _TURNS:
                chosen = rng.random(batch_size) < 0.5  # noqa: PLR2004 - about every second one
                seen[chosen] = turn(seen[chosen])
            loss, gradients = _gradients_in_parts(parameters.rounded(), seen, labels[batch])
            losses.append(loss)
            parameters = _adam(parameters, gradients, moments, rate, step)
        yield parameters, float(np.mean(losses))


def _gradients_in_parts(
    parameters: Parameters, pictures: Array, labels: npt.NDArray[np.int64]
) -> tuple[float, tuple[Array, ...]]:
    """The mean over a batch, computed for a few pictures at a time: what fits into a processor's cache is faster."""
    parts = [
        _gradients(parameters, pictures[at : at + _PART], labels[at : at + _PART], of=len(pictures))
        for at in range(0, len(pictures), _PART)
    ]
    losses, gradients = zip(*parts, strict=True)
    return sum(losses), tuple(sum(of_parts[1:], of_parts[0]) for of_parts in zip(*gradients, strict=True))


def _gradients(
    parameters: Parameters, pictures: Array, labels: npt.NDArray[np.int64], *, of: int
) -> tuple[float, tuple[Array, ...]]:
    *passed, values = _forward(parameters, pictures)
    scores = values @ parameters.weights + parameters.offsets
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = _rounded(shares / shares.sum(axis=1, keepdims=True), _GRADIENT_DIGITS)
    rows = np.arange(len(labels))
    loss = float(-np.log(shares[rows, labels].clip(1e-9)).sum()) / of
    shares[rows, labels] -= 1
    gradient = shares / of

    weights, offsets = values.T @ gradient, gradient.sum(axis=0)
    gradient = _rounded(gradient @ parameters.weights.T, _GRADIENT_DIGITS)
    kernels: list[Array] = []
    biases: list[Array] = []
    for number in reversed(range(len(parameters.kernels))):
        columns, activations = passed[2 * number], passed[2 * number + 1]
        flat = (gradient.reshape(activations.shape) * (activations > 0)).reshape(-1, activations.shape[-1])
        kernels.insert(0, columns.T @ flat)
        biases.insert(0, flat.sum(axis=0))
        if number > 0:
            gradient = _rounded(_gathered(flat @ parameters.kernels[number].T, activations.shape), _GRADIENT_DIGITS)
    return loss, (*kernels, *biases, weights, offsets)


def _forward(parameters: Parameters, pictures: Array) -> list[Array]:
    """For each convolution what it saw, as columns, and what it gave; at last the latter as a row for each picture."""
    passed: list[Array] = []
    values = pictures
    for kernel, bias in zip(parameters.kernels, parameters.biases, strict=True):
        columns = _columns(values)
        side = values.shape[1] // 2
        values = _rounded((columns @ kernel + bias).clip(0), _VALUE_DIGITS)
        values = values.reshape(len(pictures), side, side, -1)
        passed += [columns, values]
    return [*passed, values.reshape(len(pictures), -1)]


def _columns(values: Array) -> Array:
    """The neighbourhood of every second pixel, as a row: (pictures x rows x columns) x (kernel x channels)."""
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)))
    end = values.shape[1]
    parts = [padded[:, y : y + end : 2, x : x + end : 2] for y in range(KERNEL) for x in range(KERNEL)]
    return np.concatenate(parts, axis=3).reshape(-1, KERNEL**2 * values.shape[3])


def _gathered(columns: Array, shape: tuple[int, ...]) -> Array:
    """The reverse of `_columns` for gradients: what all neighbourhoods say about a pixel, added up."""
    pictures, side, _, _ = shape
    parts = columns.reshape(pictures, side, side, KERNEL**2, -1)
    padded = np.zeros((pictures, 2 * side + 2, 2 * side + 2, parts.shape[-1]))
    for number in range(KERNEL**2):
        y, x = divmod(number, KERNEL)
        padded[:, y : y + 2 * side : 2, x : x + 2 * side : 2] += parts[:, :, :, number]
    return padded[:, 1:-1, 1:-1]


def _adam(
    parameters: Parameters,
    gradients: tuple[Array, ...],
    moments: list[tuple[Array, Array]],
    rate: float,
    step: int,
) -> Parameters:
    """One step of Adam (https://arxiv.org/abs/1412.6980), with its authors' settings."""
    updated = []
    for array, gradient, (mean, square) in zip(parameters.all(), gradients, moments, strict=True):
        mean[...] += 0.1 * (gradient - mean)
        square[...] += 0.001 * (gradient**2 - square)
        updated.append(array - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8))
    return Parameters.of(tuple(updated))


def _rounded(array: Array, digits: int) -> Array:
    return np.round(array * 2.0**digits) / 2.0**digits
