from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

IRIS = Path(__file__).parents[2] / "models" / "iris"
PAYLOADS = json.loads((IRIS / "payloads" / "payloads.json").read_text())["payloads"]


@pytest.fixture
def trained(train: Callable[..., Any], tmp_path: Path) -> tuple[Path, str]:
    """The model directory after a training of the example, and what it printed."""
    (tmp_path / "input" / "config").mkdir(parents=True)
    shutil.copy(IRIS / "hyperparameters.json", tmp_path / "input" / "config")
    shutil.copytree(IRIS / "data", tmp_path / "input" / "data")
    shutil.copytree(IRIS / "train", tmp_path / "code")
    process = train()
    printed, log = process.communicate()
    assert process.returncode == 0, log
    return tmp_path / "model", printed


def same(answer: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return answer.keys() == expected.keys() and all(same(answer[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(same, answer, expected, [tolerance] * len(expected)))
    if isinstance(expected, float):
        return bool(answer == pytest.approx(expected, abs=tolerance, rel=0))
    return bool(answer == expected)


def test_training_again_writes_the_committed_model_byte_for_byte(trained: tuple[Path, str]) -> None:
    model_dir, _ = trained
    committed = {path.name: path.read_bytes() for path in (IRIS / "model").iterdir()}
    assert {path.name: path.read_bytes() for path in model_dir.iterdir()} == committed


def test_training_prints_its_metrics(trained: tuple[Path, str]) -> None:
    _, printed = trained
    assert printed == "train-accuracy: 0.9833\nvalidation-accuracy: 0.9667\n"


def test_hyperparameters_are_strings_as_sagemaker_hands_them_over() -> None:
    hyperparameters = json.loads((IRIS / "hyperparameters.json").read_text())
    assert hyperparameters
    assert all(isinstance(value, str) for value in hyperparameters.values())


def test_the_committed_model_answers_every_payload_as_expected(start: Any, tmp_path: Path) -> None:
    shutil.copytree(IRIS / "model", tmp_path / "model")
    shutil.copytree(IRIS / "code", tmp_path / "model" / "code")
    server = start()
    server.wait_for_ping(200)
    assert len(PAYLOADS) == 2
    for payload in PAYLOADS:
        body = (IRIS / "payloads" / payload["body"]).read_bytes()
        expected = (IRIS / "payloads" / payload["expected"]).read_text()
        answer = server.invoke(body, payload["content_type"], accept=payload["accept"])
        assert (answer.status, answer.headers["content-type"]) == (200, payload["accept"])
        if "tolerance" in payload:
            assert same(json.loads(answer.text), json.loads(expected), payload["tolerance"])
        else:
            assert answer.text.rstrip("\n") == expected.rstrip("\n")
