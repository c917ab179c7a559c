"""The decision tree behind an endpoint: rows of four sizes in centimetres in, the species of each row out.

Only what is particular to this model is here. The container reads the request, CSV or JSON, into an array of rows; a
function `input_fn(request_body, content_type)` would replace that.
"""

import json
from pathlib import Path
from typing import TypedDict

import joblib
import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier

BATCHABLE = True
"""Rows do not depend on each other: those of several waiting requests are predicted together."""


class Prediction(TypedDict):
    """The answer for one row."""

    label: str
    probabilities: dict[str, float]


def model_fn(model_dir: str) -> DecisionTreeClassifier:
    """Load what train.py saved. Called once in each worker, before the endpoint takes requests."""
    return joblib.load(Path(model_dir) / "model.joblib")


def predict_fn(rows: npt.NDArray[np.float32], model: DecisionTreeClassifier) -> list[Prediction]:
    """Predict all rows of a request at once."""
    probabilities = model.predict_proba(rows)
    species = model.classes_.tolist()
    labels = model.classes_[probabilities.argmax(axis=1)].tolist()
    return [
        {"label": label, "probabilities": dict(zip(species, row, strict=True))}
        for label, row in zip(labels, probabilities.tolist(), strict=True)
    ]


def output_fn(predictions: list[Prediction], accept: str) -> tuple[str, str]:
    """Write a label per line if CSV is asked for, else labels and probabilities as JSON."""
    if accept == "text/csv":
        return "".join(f"{prediction['label']}\n" for prediction in predictions), "text/csv"
    return json.dumps({"predictions": predictions}), "application/json"
