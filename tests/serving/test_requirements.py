"""`code/requirements.txt`, with a wheel that pip needs no index for."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEEDS_IT = """
import local_thing

def model_fn(model_dir):
    return local_thing.ANSWER

def predict_fn(rows, model):
    return model
"""
WITHOUT_IT = """
from importlib.util import find_spec

def model_fn(model_dir):
    return find_spec("local_thing") is not None

def predict_fn(rows, model):
    return model
"""
INSTALLS = {"SERVING_INSTALL_REQUIREMENTS": "true", "PYTHONWARNINGS": "default"}
ALLOWED = {**INSTALLS, "PIP_NO_INDEX": "1"}


@pytest.fixture
def require(tmp_path: Path) -> Callable[..., Path]:
    """Writes a requirements.txt and a wheel beside it: `require(folder, "requirement")`."""

    def _require(folder: Path, *lines: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        name = "local_thing-1.0-py3-none-any.whl"
        about = "local_thing-1.0.dist-info"
        with zipfile.ZipFile(folder / name, "w") as wheel:
            wheel.writestr("local_thing.py", "ANSWER = 42\n")
            wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: local-thing\nVersion: 1.0\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        (folder / "requirements.txt").write_text("\n".join(lines or (f"./{name}",)))
        (tmp_path / "tmp").mkdir(exist_ok=True)
        return tmp_path / "tmp"

    return _require


def test_requirements_are_installed_before_the_model_is_loaded_if_the_setting_allows_it(
    start: Any, require: Any, tmp_path: Path
) -> None:
    temporary = require(tmp_path / "model" / "code")
    server = start(NEEDS_IT, TMPDIR=str(temporary), **ALLOWED)
    server.wait_for_ping(200)
    assert server.invoke().text == "42"
    assert list(temporary.glob("requirements-*/**/local_thing.py"))
    assert "requirements installed" in server.log


def test_what_the_image_has_is_not_installed_again(start: Any, require: Any, tmp_path: Path) -> None:
    temporary = require(tmp_path / "model" / "code", "./local_thing-1.0-py3-none-any.whl", "numpy")
    start(NEEDS_IT, TMPDIR=str(temporary), **ALLOWED).wait_for_ping(200)
    assert not list(temporary.glob("requirements-*/**/numpy"))


def test_requirements_are_left_alone_with_one_warning_without_the_setting(
    start: Any, require: Any, tmp_path: Path
) -> None:
    temporary = require(tmp_path / "model" / "code")
    server = start(NEEDS_IT, TMPDIR=str(temporary), SAGEMAKER_MODEL_SERVER_WORKERS="2")
    server.wait_for_ping(500)
    assert server.log.count("requirements are not installed; build them into the image") == 1
    assert "No module named 'local_thing'" in server.log
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("no-such-package", "No matching distribution found for no-such-package"),
        ("numpy<1.2", "numpy"),
        ("===", "Invalid requirement"),
    ],
)
def test_fails_with_what_pip_says_when_requirements_cannot_be_installed(
    start: Any, require: Any, tmp_path: Path, requirement: str, told: str
) -> None:
    temporary = require(tmp_path / "model" / "code", requirement)
    server = start(NEEDS_IT, TMPDIR=str(temporary), **ALLOWED)
    server.wait_for_ping(500)
    assert server.invoke().status == 500
    assert f"{tmp_path / 'model' / 'code' / 'requirements.txt'} cannot be installed:" in server.log
    assert told in server.log
    assert server.log.count("model could not be loaded") == 1
    assert server.stop() == 0


def test_sigterm_stops_a_container_that_still_installs(
    start: Any, require: Any, tmp_path: Path, free_port: int
) -> None:
    temporary = require(tmp_path / "model" / "code", "no-such-package")
    index = {"PIP_INDEX_URL": f"http://127.0.0.1:{free_port}/", "PIP_RETRIES": "50"}
    server = start(NEEDS_IT, TMPDIR=str(temporary), **INSTALLS, **index)
    server.wait_for_ping(503)
    assert server.stop() == 0


def test_models_of_a_multi_model_endpoint_have_requirements_of_their_own(
    start: Any, require: Any, tmp_path: Path
) -> None:
    needy, plain = (tmp_path / "models" / name / "model" / "code" for name in ("needy", "plain"))
    temporary = require(needy)
    plain.mkdir(parents=True)
    (needy / "inference.py").write_text(NEEDS_IT)
    (plain / "inference.py").write_text(WITHOUT_IT)
    server = start(SAGEMAKER_MULTI_MODEL="true", TMPDIR=str(temporary), **ALLOWED)
    server.wait_for_ping(200)
    for code in (needy, plain):
        body = json.dumps({"model_name": code.parents[1].name, "url": str(code.parent)}).encode()
        assert server.request("POST", "/models", body).status == 200
    assert server.request("POST", "/models/needy/invoke", b"1", content_type="text/csv").text == "42"
    assert server.request("POST", "/models/plain/invoke", b"1", content_type="text/csv").text == "false"
    assert server.request("DELETE", "/models/needy").status == 200
    assert list(temporary.glob("requirements-*")) == []


def test_a_model_of_a_multi_model_endpoint_whose_requirements_cannot_be_installed_is_not_loaded(
    start: Any, require: Any, tmp_path: Path
) -> None:
    code = tmp_path / "models" / "needy" / "model" / "code"
    temporary = require(code, "no-such-thing")
    (code / "inference.py").write_text(NEEDS_IT)
    server = start(SAGEMAKER_MULTI_MODEL="true", TMPDIR=str(temporary), **ALLOWED)
    server.wait_for_ping(200)
    body = json.dumps({"model_name": "needy", "url": str(code.parent)}).encode()
    assert server.request("POST", "/models", body).status == 500
    assert "cannot be installed:" in server.log
    assert server.ping() == 200
    assert list(temporary.glob("requirements-*")) == []


def test_training_installs_requirements_as_well(train: Any, require: Any, tmp_path: Path) -> None:
    temporary = require(tmp_path / "code")
    source = "import local_thing\n\ndef train(job):\n    print(local_thing.ANSWER)\n"
    (tmp_path / "code" / "train.py").write_text(source)
    process = train(TMPDIR=str(temporary), **ALLOWED)
    printed, log = process.communicate()
    assert (process.returncode, printed) == (0, "42\n"), log
