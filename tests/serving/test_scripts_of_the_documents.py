"""The documents' inference scripts against the real program, with one small model behind stand-ins of the frameworks.

`printed_scripts.py` says what is kept of the scripts, `stand_ins/README.md` what stands in for what.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import printed_scripts as scripts

if TYPE_CHECKING:
    from collections.abc import Callable

CONTAINER = Path(__file__).parents[2] / "container"
STAND_INS = Path(__file__).parent / "stand_ins"
PYTHONPATH = f"{CONTAINER}:{STAND_INS}"
WEIGHTS = np.array([[2.0, -1.0, -1.0], [-1.0, 2.0, -1.0], [-1.0, -1.0, 2.0]])
MODEL = json.dumps({"weights": WEIGHTS.tolist()})
COLOURS = ((200, 30, 40), (20, 180, 60), (10, 50, 220))
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (320, 240)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", quality=95)
    return file.getvalue()


def expected(colour: tuple[int, int, int], mean: tuple[float, ...], std: tuple[float, ...]) -> Any:
    scores = WEIGHTS @ ((np.array(colour) / 255 - mean) / std)
    shares = np.exp(scores - scores.max())
    return pytest.approx(shares / shares.sum(), abs=0.02)  # JPEG moves a colour by a step or two


def answered(answer: Any) -> Any:
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    (probabilities,) = json.loads(answer.body)
    return probabilities


@pytest.fixture
def ready(start: Any, tmp_path: Path) -> Callable[..., Any]:
    """Starts the server with a script, and with files in its model directory."""

    def _ready(script: str, *files: str, **env: str) -> Any:
        for name in files:
            (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "model" / name).write_text(MODEL)
        server = start(script, PYTHONPATH=PYTHONPATH, **env)
        server.wait_for_ping(200)
        return server

    return _ready


@pytest.mark.parametrize("script", [scripts.MXNET_MODULE, scripts.MXNET_GLUON], ids=["Module", "Gluon"])
def test_the_scripts_for_mxnet_classify_images(ready: Callable[..., Any], script: str) -> None:
    server = ready(script, "compiled-symbol.json", "compiled-0000.params")
    for colour in COLOURS:
        assert answered(server.invoke(jpeg(colour), "image/jpeg")) == expected(colour, MEAN, STD)
    assert answered(server.invoke(jpeg(COLOURS[2]), "application/x-image"))[2] > 0.9


def test_the_answer_has_the_type_that_the_script_was_asked_for(ready: Callable[..., Any]) -> None:
    server = ready(scripts.MXNET_GLUON, "compiled-symbol.json", "compiled-0000.params")
    answer = server.invoke(jpeg(COLOURS[0]), "image/jpeg", accept="application/x-probabilities")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-probabilities")


def test_an_image_that_cannot_be_decoded_fails_its_own_request_alone(ready: Callable[..., Any]) -> None:
    server = ready(scripts.MXNET_MODULE, "compiled-symbol.json", "compiled-0000.params")
    refused = server.invoke(b"no image", "image/jpeg")
    assert (refused.status, refused.text.split(";")[0]) == (500, "transform_fn raised UnidentifiedImageError")
    assert answered(server.invoke(jpeg(COLOURS[0]), "image/jpeg"))[0] > 0.9


@pytest.mark.parametrize("sample", ["{}", "({}, 'no tensor')"], ids=["a tensor", "a tuple"])
def test_the_script_for_pytorch_warms_up_and_classifies_images(
    ready: Callable[..., Any], tmp_path: Path, sample: str
) -> None:
    (tmp_path / "model").mkdir()
    value = sample.format("torch.Tensor(numpy.zeros((1, 3, 8, 8)))")
    made = f"import numpy, pickle, sys, torch; pickle.dump({value}, sys.stdout.buffer)"
    with (tmp_path / "model" / "sample_input.pkl").open("wb") as file:
        environment = {**os.environ, "PYTHONPATH": PYTHONPATH}
        subprocess.run([sys.executable, "-B", "-c", made], check=True, stdout=file, env=environment)
    server = ready(scripts.PYTORCH, "compiled.pt")
    for colour in COLOURS:
        assert answered(server.invoke(jpeg(colour), "application/x-image")) == expected(colour, MEAN, STD)


def test_functions_for_neo_stand_around_the_compiled_model(ready: Callable[..., Any]) -> None:
    server = ready(scripts.NEO, "compiled.params")
    for colour in COLOURS:
        assert answered(server.invoke(jpeg(colour), "application/x-image")) == expected(colour, (0, 0, 0), (1, 1, 1))
    refused = server.invoke(jpeg(COLOURS[0]), "text/csv")
    assert (refused.status, refused.text.split(";")[0]) == (500, "neo_preprocess raised RuntimeError")


@pytest.fixture
def tensorflow(tmp_path: Path) -> dict[str, str]:
    """Variables of a container that has TensorFlow Serving."""
    program = tmp_path / "bin" / "tensorflow_model_server"
    program.parent.mkdir()
    started = shlex.join([sys.executable, str(STAND_INS / "tensorflow_model_server.py")])
    program.write_text(f'#!/bin/sh\nexec {started} "$@"\n')
    program.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    return {"PATH": f"{program.parent}:{os.environ['PATH']}", "SERVING_TENSORFLOW_PORT": port}


def test_the_script_for_tensorflow_converts_images_for_its_model_server(
    ready: Callable[..., Any], tensorflow: dict[str, str]
) -> None:
    server = ready(scripts.TENSORFLOW, "colours/1/saved_model.pb", **tensorflow)
    for colour in COLOURS:
        answer = server.invoke(jpeg(colour, (40, 30)), "application/x-image")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        (probabilities,) = json.loads(answer.body)["predictions"]
        assert probabilities == expected(colour, (0, 0, 0), (1, 1, 1))


def test_what_the_model_server_refuses_the_script_for_tensorflow_raises(
    ready: Callable[..., Any], tensorflow: dict[str, str]
) -> None:
    script = scripts.TENSORFLOW.replace("serving_default", "serving_other")
    server = ready(script, "colours/1/saved_model.pb", **tensorflow)
    refused = server.invoke(jpeg(COLOURS[0], (40, 30)), "application/x-image")
    assert (refused.status, refused.text.split(";")[0]) == (500, "output_handler raised ValueError")
    assert "Serving signature name: serving_other not found" in server.log


def test_a_training_job_that_only_copies_imports_a_model(train: Callable[..., Any], tmp_path: Path) -> None:
    """The trick of the document on importing models: the channel `input` becomes the archive."""
    (tmp_path / "input" / "data" / "input").mkdir(parents=True)
    (tmp_path / "input" / "data" / "input" / "model.bin").write_bytes(b"\x00weights")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(scripts.DUMMY_TRAINING)
    process = train()
    _, log = process.communicate()
    assert process.returncode == 0, log
    assert (tmp_path / "model" / "model.bin").read_bytes() == b"\x00weights"
