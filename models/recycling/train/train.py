"""A small network that tells paper, glass bottles and plastic bottles apart."""

import io

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image
from threadpoolctl import threadpool_limits

import graph
import network
from pictures import CLASSES, jpeg
from serving.training import TrainingJob


def train(job: TrainingJob) -> None:
    """Draw pictures, learn from them, and write `recycling.onnx`. There is no channel to read.

    Hyperparameters: `training_pictures` and `validation_pictures`, how many are drawn to learn from and to measure;
    `epochs`, `batch_size`, `learning_rate`, see `network.train`; and `seed`, any number from 0 on, which all of them
    come from: the same settings and versions train the same file, byte for byte.
    """
    settings = dict(job.hyperparameters)
    if settings["epochs"] < 1 or settings["training_pictures"] < settings["batch_size"]:
        raise ValueError(
            "epochs must be at least 1 and training_pictures at least batch_size, got "
            f"{settings['epochs']}, {settings['training_pictures']} and {settings['batch_size']}"
        )
    drawn, seen, begun = (np.random.default_rng([settings["seed"], number]) for number in range(3))
    training, labels = _drawn(drawn, settings["training_pictures"])
    validation, validation_labels = _drawn(seen, settings["validation_pictures"])

    shrink = _session(graph.preprocessing().SerializeToString())
    pixels = np.stack([shrink.run(None, {"picture": picture})[0] for picture in training])
    epochs = network.train(
        network.Parameters.random(begun, len(CLASSES)),
        network.normalized(pixels),
        labels,
        rng=begun,
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
    )
    # The products are small: threads that wait for each other take longer than one that does it all.
    with threadpool_limits(limits=1):
        for epoch in epochs:
            learnt, loss = epoch
            print(f"train-loss: {loss:.4f}")  # noqa: T201 - SageMaker finds metrics in what is printed

    # Measured with what is served, from the picture on.
    written = graph.whole(learnt, CLASSES).SerializeToString(deterministic=True)
    session = _session(written)
    train_accuracy = _accuracy(session, training, labels)
    validation_accuracy = _accuracy(session, validation, validation_labels)
    print(f"train-accuracy: {train_accuracy:.4f}\nvalidation-accuracy: {validation_accuracy:.4f}")  # noqa: T201 - same
    (job.model_dir / "recycling.onnx").write_bytes(written)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options)


def _drawn(rng: np.random.Generator, count: int) -> tuple[list[npt.NDArray[np.uint8]], npt.NDArray[np.int64]]:
    labels = np.arange(count) % len(CLASSES)
    return [np.asarray(Image.open(io.BytesIO(jpeg(rng, CLASSES[label])))) for label in labels], labels


def _accuracy(
    session: onnxruntime.InferenceSession, pictures: list[npt.NDArray[np.uint8]], labels: npt.NDArray[np.int64]
) -> float:
    found = [session.run(None, {"picture": picture})[0].argmax() for picture in pictures]
    return float(np.mean(np.array(found) == labels))
