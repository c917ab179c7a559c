from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest

from serving.errors import TrainingInputError
from serving.training import InstanceGroup, TrainingJob, typed

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


@pytest.mark.parametrize(("source", "warned"), [("...", True), ("(job.model_dir / 'it').touch()", False)])
def test_a_warning_tells_of_a_program_that_writes_no_model(
    train: Any, tmp_path: Path, source: str, *, warned: bool
) -> None:
    program(tmp_path / "code", f"def train(job):\n    {source}\n")
    process = train()
    _, log = process.communicate()
    assert process.returncode == 0
    assert ("has written nothing to the folder of the model" in log) is warned


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
        ("async def train(job): ...", "must define train(job) with def, without async and yield."),
        ("def train(job):\n    yield 1", "must define train(job) with def, without async and yield."),
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


def test_fails_naming_all_that_is_wrong_in_the_files(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        inputdataconfig={
            "training": {"TrainingInputMode": "Tape"},
            "other": {"RecordWrapperType": "Zip"},
            "third": "File",
        },
        resourceconfig={"current_host": "algo-3", "hosts": ["algo-1"], "instance_groups": [{}]},
    )
    with pytest.raises(TrainingInputError) as caught:
        TrainingJob.from_directory(tmp_path)
    assert str(caught.value).split("; ") == [
        "RecordWrapperType of channel other must be None or RecordIO, got 'Zip'",
        "channel third must be a JSON object, got str",
        "TrainingInputMode of channel training must be File, FastFile or Pipe, got 'Tape'",
        "current_host must be one of hosts algo-1, got 'algo-3'",
        "instance_groups must be a list of objects with instance_group_name, instance_type and hosts",
    ]


def test_the_machines_of_a_distributed_job_are_known(tmp_path: Path) -> None:
    group = {"instance_group_name": "small", "instance_type": "ml.m5.large", "hosts": ["algo-1", "algo-2"]}
    lay_out(
        tmp_path,
        resourceconfig={
            "current_host": "algo-2",
            "hosts": ["algo-1", "algo-2"],
            "network_interface_name": "eth0",
            "current_instance_type": "ml.m5.large",
            "instance_groups": [group],
        },
    )
    job = TrainingJob.from_directory(tmp_path)
    assert (job.rank, job.current_host, job.network_interface) == (1, "algo-2", "eth0")
    assert job.instance_type == "ml.m5.large"
    assert job.instance_groups == (
        InstanceGroup(name="small", instance_type="ml.m5.large", hosts=("algo-1", "algo-2")),
    )


def test_what_the_job_says_of_its_channels_is_typed(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        inputDataConfig={
            "training": {"TrainingInputMode": "Pipe", "ContentType": "text/csv", "RecordWrapperType": "RecordIO"},
            "validation": {"TrainingInputMode": "FastFile", "S3DistributionType": "ShardedByS3Key"},
        },
    )
    job = TrainingJob.from_directory(tmp_path)
    training, validation = job.inputs["training"], job.inputs["validation"]
    assert (set(job.channels), set(job.pipes)) == ({"validation"}, {"training"})
    assert (training.content_type, training.record_wrapper) == ("text/csv", "RecordIO")
    assert (validation.mode, validation.distribution) == ("FastFile", "ShardedByS3Key")


READS_EPOCHS = """
import itertools

def train(job):
    with (job.model_dir / "read.txt").open("wb") as out:
        for epoch in itertools.islice(job.pipes["training"], 2):
            out.write(b"%d: %s\\n" % (epoch.number, b"|".join(epoch)))
"""


class Feeder(threading.Thread):
    """Writes to the pipe of one epoch after the other, as SageMaker does: the next one once the last was read."""

    def __init__(self, data: Path, epochs: list[bytes]) -> None:
        super().__init__(daemon=True)
        data.mkdir(parents=True)
        self._data = data
        self._epochs = epochs
        self.start()

    def run(self) -> None:
        for number, content in enumerate(self._epochs):
            fifo = self._data / f"training_{number}"
            os.mkfifo(fifo)
            with fifo.open("wb") as stream:
                stream.write(content)


def record_io(*parts: tuple[int, bytes]) -> bytes:
    return b"".join(
        struct.pack("<II", 0xCED7230A, flag << 29 | len(data)) + data + b"\0" * (-len(data) % 4) for flag, data in parts
    )


def test_a_pipe_is_read_epoch_by_epoch(train: Any, tmp_path: Path) -> None:
    lay_out(tmp_path, inputdataconfig={"training": {"TrainingInputMode": "Pipe"}})
    program(tmp_path / "code", READS_EPOCHS)
    large = b"x" * 1_000_000
    feeder = Feeder(tmp_path / "input" / "data", [b"1,2\n3,4\r\n", large + b"\nlast"])
    process = train()
    output = process.communicate()
    assert process.returncode == 0, output
    feeder.join()
    assert (tmp_path / "model" / "read.txt").read_bytes() == b"0: 1,2|3,4\n1: " + large + b"|last\n"


def test_an_epoch_may_be_left_before_its_end(train: Any, tmp_path: Path) -> None:
    lay_out(tmp_path, inputdataconfig={"training": {"TrainingInputMode": "Pipe"}})
    program(
        tmp_path / "code",
        """
def train(job):
    epochs = iter(job.pipes["training"])
    first = next(epochs)
    print(first.stream.read(3))
    second = next(epochs)
    print(first.stream.closed, *second)
""",
    )
    data = tmp_path / "input" / "data"
    data.mkdir()
    for number in range(2):
        os.mkfifo(data / f"training_{number}")
    process = train()
    with contextlib.suppress(BrokenPipeError), (data / "training_0").open("wb") as stream:
        stream.write(b"x" * 1_000_000)
    (data / "training_1").write_bytes(b"second\n")
    printed, log = process.communicate()
    assert process.returncode == 0, log
    assert printed == "b'xxx'\nTrue b'second'\n"


def test_records_of_record_io_are_unwrapped(train: Any, tmp_path: Path) -> None:
    lay_out(tmp_path, inputdataconfig={"training": {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO"}})
    program(tmp_path / "code", READS_EPOCHS)
    magic = (0xCED7230A).to_bytes(4, "little")
    Feeder(
        tmp_path / "input" / "data",
        [record_io((0, b"one"), (0, b""), (0, b"two")), record_io((1, b"be"), (2, b"mid"), (3, b"end"), (0, b"next"))],
    )
    process = train()
    output = process.communicate()
    assert process.returncode == 0, output
    expected = b"0: one||two\n1: be" + magic + b"mid" + magic + b"end|next\n"
    assert (tmp_path / "model" / "read.txt").read_bytes() == expected


@pytest.mark.parametrize("content", [b"plain text, no record", record_io((0, b"a long record"))[:-6], b"\x0a"])
def test_fails_for_a_pipe_that_is_no_record_io(train: Any, tmp_path: Path, content: bytes) -> None:
    lay_out(tmp_path, inputdataconfig={"training": {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO"}})
    program(tmp_path / "code", READS_EPOCHS)
    Feeder(tmp_path / "input" / "data", [content])
    process = train()
    process.communicate()
    assert process.returncode == 1
    failure = (tmp_path / "output" / "failure").read_text()
    assert failure.startswith("TrainingInputError: Epoch 0 has what is no RecordIO: no magic number, or cut off.\n")


def test_metrics_are_printed_as_a_metric_definition_finds_them(train: Any, tmp_path: Path) -> None:
    program(tmp_path / "code", "def train(job):\n    job.report({'validation:accuracy': 0.5, 'loss': 1e-07, 'n': 3})\n")
    printed, _ = train().communicate()
    pattern = r"{}: ([0-9.e+-]+)"
    found = {name: re.findall(pattern.format(name), printed) for name in ("validation:accuracy", "loss", "n")}
    assert found == {"validation:accuracy": ["0.5"], "loss": ["1e-07"], "n": ["3.0"]}


def test_sigterm_leaves_time_to_save_a_checkpoint(train: Any, tmp_path: Path) -> None:
    program(
        tmp_path / "code",
        """
import os
import signal
import time
from serving.training import StoppedError

def train(job):
    try:
        print("training")
        time.sleep(600)
    except StoppedError:
        os.kill(os.getpid(), signal.SIGTERM)
        (job.checkpoint_dir / "epoch-3").write_text("weights")
        raise
""",
    )
    process = train()
    assert process.stdout.readline() == "training\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
    assert (tmp_path / "checkpoints" / "epoch-3").read_text() == "weights"
    assert not (tmp_path / "output" / "failure").exists()
