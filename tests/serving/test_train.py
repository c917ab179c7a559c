from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from serving.errors import TrainingInputError
from serving.training import TrainingJob, typed

if TYPE_CHECKING:
    from pathlib import Path

WRITES_ITS_JOB = """
import json

def train(job):
    (job.model_dir / "job.json").write_text(json.dumps({
        "hyperparameters": dict(job.hyperparameters),
        "channels": {name: str(path) for name, path in job.channels.items()},
        "hosts": list(job.hosts),
    }))
    (job.output_dir / "plot.txt").touch()
    (job.checkpoint_dir / "epoch-1").touch()
"""


def lay_out(base: Path, **configuration: object) -> None:
    (base / "input" / "config").mkdir(parents=True)
    for name, value in configuration.items():
        (base / "input" / "config" / f"{name}.json").write_text(json.dumps(value))


def program(folder: Path, source: str, name: str = "train.py") -> None:
    folder.mkdir(parents=True)
    (folder / name).write_text(source)


def test_the_job_is_what_sagemaker_laid_out(train: Any, tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        hyperparameters={"max_depth": "4"},
        inputdataconfig={"training": {"TrainingInputMode": "File"}},
        resourceConfig={"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]},
    )
    (tmp_path / "input" / "data" / "validation").mkdir(parents=True)
    program(tmp_path / "code", WRITES_ITS_JOB)
    process = train()
    output = process.communicate()
    assert process.returncode == 0, output
    assert json.loads((tmp_path / "model" / "job.json").read_text()) == {
        "hyperparameters": {"max_depth": 4},
        "channels": {
            "training": str(tmp_path / "input" / "data" / "training"),
            "validation": str(tmp_path / "input" / "data" / "validation"),
        },
        "hosts": ["algo-1", "algo-2"],
    }
    assert (tmp_path / "output" / "data" / "plot.txt").exists()
    assert (tmp_path / "checkpoints" / "epoch-1").exists()
    assert not (tmp_path / "output" / "failure").exists()


def test_a_program_in_the_channel_named_code_is_used_where_the_image_has_none(train: Any, tmp_path: Path) -> None:
    program(tmp_path / "input" / "data" / "code", WRITES_ITS_JOB, "fit.py")
    process = train(SAGEMAKER_PROGRAM="fit.py")
    assert process.communicate()
    assert process.returncode == 0
    assert (tmp_path / "model" / "job.json").exists()


def test_fails_with_the_reason_first_in_the_failure_file(train: Any, tmp_path: Path) -> None:
    program(tmp_path / "code", "def train(job):\n    raise ValueError('no rows in the channel')\n")
    process = train()
    _, log = process.communicate()
    failure = (tmp_path / "output" / "failure").read_text()
    assert process.returncode == 1
    assert failure.startswith("ValueError: no rows in the channel\n")
    assert "Traceback (most recent call last)" in failure
    assert 'code/train.py", line 2, in train' in log


@pytest.mark.parametrize("code", ["'too few rows'", "3"])
def test_fails_when_the_program_exits_with_an_error(train: Any, tmp_path: Path, code: str) -> None:
    program(tmp_path / "code", f"import sys\n\ndef train(job):\n    sys.exit({code})\n")
    process = train()
    process.communicate()
    assert process.returncode == 1
    assert (tmp_path / "output" / "failure").read_text().startswith(f"SystemExit: {code.strip(chr(39))}")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "does not exist; put it there in the image, or into a channel named code"),
        ("def fit(job): ...", "must define train(job), a function of one parameter."),
        ("def train(): ...", "must define train(job), a function of one parameter."),
        ("train = 5", "must define train(job), a function of one parameter."),
        ("import nowhere_to_be_found", "cannot be imported: ModuleNotFoundError"),
    ],
)
def test_fails_for_a_program_that_cannot_train(train: Any, tmp_path: Path, source: str | None, reason: str) -> None:
    if source is not None:
        program(tmp_path / "code", source)
    process = train()
    process.communicate()
    assert process.returncode == 1
    failure = (tmp_path / "output" / "failure").read_text()
    assert failure.startswith(f"ContractError: {tmp_path / 'code' / 'train.py'}")
    assert reason in failure.splitlines()[0]


def test_sigterm_ends_training_with_143_after_its_finally_blocks(train: Any, tmp_path: Path) -> None:
    program(
        tmp_path / "code",
        """
import time

def train(job):
    try:
        print("training", flush=True)
        time.sleep(600)
    except Exception:
        pass
    finally:
        (job.model_dir / "saved").touch()
""",
    )
    process = train()
    assert process.stdout.readline() == "training\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
    assert (tmp_path / "model" / "saved").exists()
    assert not (tmp_path / "output" / "failure").exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("-0.5", -0.5),
        ("1e-3", 0.001),
        ("true", True),
        ("False", False),
        ("[1, 2]", [1, 2]),
        ('{"a": null}', {"a": None}),
        ('"4"', "4"),
        ("gini", "gini"),
        ("", ""),
        ("007", "007"),
    ],
)
def test_a_hyperparameter_has_the_type_that_its_string_reads_as(text: str, value: object) -> None:
    read = typed(text)
    assert read == value
    assert type(read) is type(value)


def test_a_directory_without_files_is_a_job_without_settings(tmp_path: Path) -> None:
    job = TrainingJob.from_directory(tmp_path)
    assert (dict(job.hyperparameters), dict(job.channels), job.hosts) == ({}, {}, ("algo-1",))


def test_fails_for_a_file_that_is_no_json_object(tmp_path: Path) -> None:
    lay_out(tmp_path, hyperparameters=["max_depth"])
    with pytest.raises(TrainingInputError, match=r"hyperparameters\.json must be a JSON object, got list"):
        TrainingJob.from_directory(tmp_path)


def test_fails_for_a_file_that_is_no_json(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "input" / "config" / "inputdataconfig.json").write_text("{")
    with pytest.raises(TrainingInputError, match=r"inputdataconfig\.json is no JSON"):
        TrainingJob.from_directory(tmp_path)


def test_fails_for_a_channel_in_pipe_mode(tmp_path: Path) -> None:
    lay_out(tmp_path, inputdataconfig={"training": {"TrainingInputMode": "Pipe"}})
    with pytest.raises(TrainingInputError, match="Channel training has input mode Pipe; use File or FastFile"):
        TrainingJob.from_directory(tmp_path)
