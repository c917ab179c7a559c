from __future__ import annotations

import json
import shutil
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sagemaker_local.dockerfile import ImageBuild
from sagemaker_local.engine import wait_until_healthy
from sagemaker_local.errors import ContainerError, LocalError
from sagemaker_local.process_engine import ProcessContainer, ProcessEngine
from sagemaker_local.train import train

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
EXAMPLE = ImageBuild(directory=ROOT / "container")
DOCKERFILE = """
FROM base
COPY program.py /opt/program/
ENTRYPOINT ["python", "-u", "/opt/program/program.py"]
"""
PROGRAM = """
import os, pathlib, runpy, sys
assert sys.argv[1:] == ["train"]
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
runpy.run_path(str(base / "code" / "train.py"), {"base": base})
"""


class Job:
    """A training job of a tiny image; its code sees the base directory as `base`."""

    def __init__(self, directory: Path) -> None:
        self.image = directory / "image"
        self.code = directory / "code"
        self.data = directory / "data"
        self.model = directory / "model"
        self.hyperparameters = directory / "hyperparameters.json"
        for path in (self.image, self.code, self.data):
            path.mkdir()
        (self.image / "Dockerfile").write_text(DOCKERFILE)
        (self.image / "program.py").write_text(PROGRAM)
        (self.data / "rows.csv").write_text("1,2\n")
        self.hyperparameters.write_text("{}")

    def run(self, code: str) -> list[str]:
        """Return what the container printed."""
        (self.code / "train.py").write_text(code)
        said: list[str] = []
        train(
            ImageBuild(directory=self.image),
            engine=ProcessEngine(say=lambda _: None),
            code=self.code,
            channels={"training": self.data},
            hyperparameters=self.hyperparameters,
            model_directory=self.model,
            say=said.append,
        )
        return said


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


WRITE = "(base / 'model/model.txt').write_text('trained')\n"


def test_the_model_holds_what_was_written_and_each_line_is_shown(job: Job) -> None:
    assert job.run(f"print('first')\nprint('second', end='')\n{WRITE}") == ["first", "second"]
    assert (job.model / "model.txt").read_text() == "trained"


def test_inputs_are_laid_out_as_sagemaker_does(job: Job) -> None:
    job.hyperparameters.write_text('{"depth": 4, "rate": 0.5, "name": "x", "fast": true}')
    copy_all = "import shutil; shutil.copytree(base / 'input', base / 'model', dirs_exist_ok=True)"
    job.run(copy_all)
    read = {path.name: json.loads(path.read_text()) for path in (job.model / "config").iterdir()}
    assert read["hyperparameters.json"] == {"depth": "4", "rate": "0.5", "name": "x", "fast": "true"}
    assert read["resourceconfig.json"]["hosts"] == ["algo-1"]
    assert read["inputdataconfig.json"]["training"]["TrainingInputMode"] == "File"
    assert (job.model / "data/training/rows.csv").read_text() == "1,2\n"


def test_an_old_model_is_replaced_and_equal_files_stay_untouched(job: Job) -> None:
    (job.model / "old").mkdir(parents=True)
    (job.model / "old" / "file").touch()
    (job.model / "model.txt").write_text("trained")
    before = (job.model / "model.txt").stat()
    job.run(f"{WRITE}(base / 'model/new').mkdir()\n(base / 'model/new/file').touch()")
    assert sorted(str(path.relative_to(job.model)) for path in job.model.rglob("*")) == ["model.txt", "new", "new/file"]
    after = (job.model / "model.txt").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_fails_with_the_reason_that_the_container_wrote_and_keeps_the_old_model(job: Job) -> None:
    job.model.mkdir()
    (job.model / "model.txt").write_text("old")
    code = f"{WRITE}print('in the log')\n(base / 'output/failure').write_text('no rows')\nraise SystemExit(1)"
    with pytest.raises(ContainerError, match="training failed: no rows") as error:
        job.run(code)
    assert error.value.log == "in the log\n"
    assert (job.model / "model.txt").read_text() == "old"


def test_fails_with_the_exit_code_without_a_reason(job: Job) -> None:
    with pytest.raises(ContainerError, match="exit code 7 and wrote no reason"):
        job.run("raise SystemExit(7)")


def test_fails_when_nothing_was_written(job: Job) -> None:
    with pytest.raises(LocalError, match="training wrote no file to the model's directory"):
        job.run("")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "one JSON object of strings, numbers and booleans"),
        ('{"a": {"b": 1}}', "one JSON object of strings, numbers and booleans"),
        ("{", "are no JSON"),
        (None, "cannot be read"),
    ],
)
def test_fails_for_hyperparameters_that_are_no_flat_object(job: Job, text: str | None, message: str) -> None:
    job.hyperparameters.unlink()
    if text is not None:
        job.hyperparameters.write_text(text)
    with pytest.raises(LocalError, match=message):
        job.run(WRITE)


def test_fails_for_a_channel_that_is_no_directory(job: Job) -> None:
    shutil.rmtree(job.data)
    with pytest.raises(LocalError, match="channel training must be a directory"):
        job.run(WRITE)


def test_fails_for_a_model_directory_that_holds_an_input(job: Job) -> None:
    job.model = job.data.parent
    with pytest.raises(LocalError, match="must stand apart from the code"):
        job.run(WRITE)


def test_the_example_trains_to_the_model_that_is_kept(tmp_path: Path) -> None:
    train(
        EXAMPLE,
        engine=ProcessEngine(say=lambda _: None),
        code=IRIS / "train",
        channels={"training": IRIS / "data" / "training"},
        hyperparameters=IRIS / "hyperparameters.json",
        model_directory=tmp_path,
        say=lambda _: None,
    )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in (IRIS / "model").iterdir()
    }


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return the base directory of the example's container, with its model."""
    shutil.copytree(IRIS / "model", tmp_path / "ml" / "model")
    shutil.copytree(IRIS / "code", tmp_path / "ml" / "model" / "code")
    return tmp_path / "ml"


def serve(base: Path) -> ProcessContainer:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return ProcessEngine(say=lambda _: None).start(
        EXAMPLE,
        argument="serve",
        base_directory=base,
        port=port,
        environment={},
        log_file=base.parent / "container.log",
    )


def test_the_example_answers_a_row(base: Path) -> None:
    container = serve(base)
    connection = HTTPConnection(container.url.removeprefix("http://"), timeout=10)
    try:
        wait_until_healthy(container, 60)
        headers = {"Content-Type": "text/csv", "Accept": "text/csv"}
        connection.request("POST", "/invocations", "5.1,3.5,1.4,0.2\n", headers)
        with connection.getresponse() as response:
            assert (response.status, response.read().strip()) == (200, b"setosa")
    finally:
        connection.close()
        container.stop()


def test_fails_with_the_traceback_of_inference_code_that_is_broken(base: Path) -> None:
    (base / "model" / "code" / "inference.py").write_text("raise ValueError('broken on purpose')\n")
    container = serve(base)
    try:
        with pytest.raises(ContainerError) as error:
            wait_until_healthy(container, 60)
    finally:
        container.stop()
    assert "ValueError: broken on purpose" in error.value.log
    assert "Traceback (most recent call last)" in error.value.log
