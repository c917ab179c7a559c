"""The scripts and files that examples bring along do what the examples say."""

from __future__ import annotations

import io
import json
import runpy
import tarfile
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PICTURES = ROOT / "models" / "recycling" / "payloads"


def script(path: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / path))


@pytest.mark.parametrize("name", ["glass_bottle", "paper", "plastic_bottle"])
def test_the_script_for_the_pytorch_image_answers_as_the_model_of_the_container_does(name: str) -> None:
    functions = script("images/code/inference.py")
    model = functions["model_fn"](str(ROOT / "models" / "recycling" / "model"))

    body, accept = functions["transform_fn"](
        model, (PICTURES / f"{name}.jpg").read_bytes(), "image/jpeg", "application/json"
    )

    expected = json.loads((PICTURES / f"{name}.expected.json").read_text())
    answer = json.loads(body)
    assert accept == "application/json"
    assert answer["label"] == expected["label"]
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-3)


def test_the_archive_of_model_data_holds_the_iris_model() -> None:
    iris = ROOT / "models" / "iris"
    with tarfile.open(EXAMPLES / "model_data" / "model.tar.gz") as archive:
        files = {name: file.read() for name in archive.getnames() if (file := archive.extractfile(name)) is not None}

    assert files == {
        "model.joblib": (iris / "model" / "model.joblib").read_bytes(),
        "code/inference.py": (iris / "code" / "inference.py").read_bytes(),
    }


def test_the_first_container_of_the_pipeline_makes_centimetres_of_inches() -> None:
    functions = script("pipeline/centimetres/code/inference.py")
    rows = np.array([[1, 2, 0.5, 0], [10, 1, 1, 1]], dtype=np.float32)

    prediction = functions["predict_fn"](rows, functions["model_fn"](""))

    assert functions["output_fn"](prediction, "application/json") == (
        "2.54,5.08,1.27,0\n25.4,2.54,2.54,2.54\n",
        "text/csv",
    )


def test_the_script_for_the_tensorflow_image_stands_around_tensorflow_serving() -> None:
    functions = script("tensorflow/code/inference.py")
    payloads = EXAMPLES / "tensorflow" / "payloads"
    context = SimpleNamespace(request_content_type="text/csv", accept_header="text/csv")
    # What the SavedModel of the example answers to the rows, as TensorFlow 2.19 computed it.
    predictions = [[0.998, 0.002, 0.0], [0.004, 0.969, 0.027], [0.0, 0.0, 1.0]]
    response = SimpleNamespace(status_code=HTTPStatus.OK, content=json.dumps({"predictions": predictions}).encode())

    request = functions["input_handler"](io.BytesIO((payloads / "rows.csv").read_bytes()), context)

    assert json.loads(request) == {"instances": [[5.1, 3.5, 1.4, 0.2], [5.9, 3.0, 4.2, 1.5], [6.3, 3.3, 6.0, 2.5]]}
    assert functions["output_handler"](response, context) == ((payloads / "rows.expected.csv").read_text(), "text/csv")


def test_fails_when_tensorflow_serving_does() -> None:
    response = SimpleNamespace(status_code=HTTPStatus.BAD_REQUEST, content=b"no such signature")

    with pytest.raises(ValueError, match="no such signature"):
        script("tensorflow/code/inference.py")["output_handler"](response, SimpleNamespace())


def test_the_saved_model_answers_under_the_signature_that_tensorflow_serving_asks_by_default() -> None:
    graph = (EXAMPLES / "tensorflow" / "model" / "saved_model.pb").read_bytes()

    assert b"serving_default" in graph
    assert b"probabilities" in graph
