"""What every server's program does with a request, so that they differ in nothing but the server.

The model's own functions of `code/inference.py` load, predict and write, as in the container. Rows are read by a JSON
parser: of what a program can do in two lines, nothing is faster.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import orjson

MODEL_DIR = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"


def load() -> "Rows | Picture":
    """The model that lies in the model directory."""
    spec = importlib.util.spec_from_file_location("inference", MODEL_DIR / "code" / "inference.py")
    inference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inference)
    return Picture(inference) if hasattr(inference, "transform_fn") else Rows(inference)


class Rows:
    """Rows of numbers in, a label per line out."""

    content_type = "text/csv"

    def __init__(self, inference: Any) -> None:
        self._inference = inference
        self.model = inference.model_fn(str(MODEL_DIR))

    def read(self, body: bytes) -> np.ndarray:
        """The rows of a CSV body."""
        return np.array(orjson.loads(b"[[%b]]" % body.strip().replace(b"\n", b"],[")), dtype=np.float32)

    def predict(self, rows: np.ndarray) -> Any:
        """The model's predictions for all rows."""
        return self._inference.predict_fn(rows, self.model)

    def predict_together(self, requests: list[np.ndarray]) -> list[Any]:
        """The predictions of each request, by one call of the model."""
        predictions = iter(self.predict(np.concatenate(requests)))
        return [[next(predictions) for _ in rows] for rows in requests]

    def write(self, predictions: Any) -> bytes:
        """The answer's body."""
        return self._inference.output_fn(predictions, self.content_type)[0].encode()

    def answer(self, body: bytes) -> bytes:
        """All three steps."""
        return self.write(self.predict(self.read(body)))


class Picture:
    """A JPEG in, JSON out."""

    content_type = "application/json"

    def __init__(self, inference: Any) -> None:
        self._inference = inference
        self.model = inference.model_fn(str(MODEL_DIR))

    def read(self, body: bytes) -> bytes:
        """The picture as it is: `transform_fn` reads it."""
        return body

    def predict(self, body: bytes) -> bytes:
        """What `transform_fn` answers, as bytes."""
        answer = self._inference.transform_fn(self.model, body, "image/jpeg", self.content_type)
        text = answer[0] if isinstance(answer, tuple) else answer
        return text.encode() if isinstance(text, str) else text

    def predict_together(self, bodies: list[bytes]) -> list[bytes]:
        """One after the other: `transform_fn` takes one picture."""
        return [self.predict(body) for body in bodies]

    def write(self, answer: bytes) -> bytes:
        """The answer's body."""
        return answer

    def answer(self, body: bytes) -> bytes:
        """All three steps."""
        return self.predict(body)
