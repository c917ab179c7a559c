"""Stands in for MXNet: what the scripts for models compiled by SageMaker Neo call, on numpy.

`prefix-symbol.json` and `prefix-0000.params` are searched for relative to the working directory, as MXNet does.
"""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mean_colour
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence


class Context:
    """A device."""

    def __init__(self, kind: str) -> None:
        self.device_type = kind


class NDArray:
    """An array on a device."""

    def __init__(self, values: Any, ctx: Context | None = None) -> None:
        self._values = np.asarray(values)
        self.context = ctx or Context("cpu")

    @property
    def shape(self) -> tuple[int, ...]:
        return self._values.shape

    def __truediv__(self, other: float) -> NDArray:
        return NDArray(self._values / other, self.context)

    def astype(self, dtype: Any) -> NDArray:
        return NDArray(self._values.astype(dtype), self.context)

    def transpose(self, axes: tuple[int, ...]) -> NDArray:
        return NDArray(self._values.transpose(axes), self.context)

    def expand_dims(self, axis: int) -> NDArray:
        return NDArray(np.expand_dims(self._values, axis), self.context)

    def as_in_context(self, context: Context) -> NDArray:
        return NDArray(self._values, context)

    def asnumpy(self) -> Any:
        return self._values


class Symbol:
    """The structure of a network, as a file of JSON describes it."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"{self.path} does not exist in {Path.cwd()}")


class Module:
    """A network of the older interface."""

    def __init__(self, symbol: Symbol, context: Context, label_names: Sequence[str] | None) -> None:
        assert isinstance(symbol, Symbol)
        assert label_names is None
        self._context = context
        self._label_shapes = None
        self._shape: tuple[int, ...] | None = None
        self._weights: Any = None
        self._outputs: list[NDArray] = []

    def bind(self, for_training: bool, data_shapes: Any, label_shapes: Any) -> None:
        assert for_training is False
        assert label_shapes is None
        ((name, self._shape),) = data_shapes
        assert name == "data"

    def set_params(self, arg_params: Any, aux_params: Any, allow_missing: bool) -> None:
        assert aux_params == {}
        assert allow_missing is True
        self._weights = arg_params["weights"]

    def forward(self, data_batch: Any) -> None:
        (data,) = data_batch.data
        self._outputs = [_predicted(self._weights, data, self._context, self._shape)]

    def get_outputs(self) -> list[NDArray]:
        return self._outputs


class SymbolBlock:
    """A network of the newer interface."""

    def __init__(self, weights: Any, context: Context) -> None:
        self._weights = weights
        self._context = context
        self._hybridized = False

    @staticmethod
    def imports(symbol_file: str, input_names: Sequence[str], param_file: str, ctx: Context) -> SymbolBlock:
        Symbol(symbol_file)
        assert list(input_names) == ["data"]
        return SymbolBlock(mean_colour.load(param_file), ctx)

    def hybridize(self, static_alloc: bool, static_shape: bool) -> None:
        self._hybridized = static_alloc and static_shape

    def __call__(self, data: NDArray) -> NDArray:
        assert self._hybridized
        return _predicted(self._weights, data, self._context, (1, 3, 224, 224))


def _predicted(weights: Any, data: NDArray, context: Context, shape: tuple[int, ...] | None) -> NDArray:
    assert data.context is context, "the data are on another device than the network"
    assert data.shape == shape
    return NDArray(mean_colour.probabilities(weights, data.asnumpy()), context)


def _load_checkpoint(prefix: str, epoch: int) -> tuple[Symbol, dict[str, Any], dict[str, Any]]:
    return Symbol(f"{prefix}-symbol.json"), {"weights": mean_colour.load(f"{prefix}-{epoch:04}.params")}, {}


def _decoded(buf: bytes) -> NDArray:
    return NDArray(np.asarray(Image.open(io.BytesIO(buf)).convert("RGB")))


def _short_side_resized(src: NDArray, size: int) -> NDArray:
    image = Image.fromarray(src.asnumpy())
    factor = size / min(image.size)
    return NDArray(np.asarray(image.resize((round(image.width * factor), round(image.height * factor)))))


def _center_cropped(src: NDArray, size: tuple[int, int]) -> tuple[NDArray, tuple[int, int, int, int]]:
    (rows, columns), (width, height) = src.shape[:2], size
    top, left = (rows - height) // 2, (columns - width) // 2
    return NDArray(src.asnumpy()[top : top + height, left : left + width]), (left, top, width, height)


def _colour_normalized(src: NDArray, mean: NDArray, std: NDArray) -> NDArray:
    return NDArray((src.asnumpy() - mean.asnumpy()) / std.asnumpy(), src.context)


def cpu() -> Context:
    return Context("cpu")


def gpu() -> Context:
    """Here a GPU is a name: nothing is computed on one."""
    return Context("gpu")


nd = SimpleNamespace(array=NDArray, empty=lambda shape, ctx: NDArray(np.zeros(shape, np.float32), ctx))
model = SimpleNamespace(load_checkpoint=_load_checkpoint)
mod = SimpleNamespace(Module=Module)
gluon = SimpleNamespace(nn=SimpleNamespace(SymbolBlock=SymbolBlock))
image = SimpleNamespace(
    imdecode=_decoded,
    resize_short=_short_side_resized,
    center_crop=_center_cropped,
    color_normalize=_colour_normalized,
)
