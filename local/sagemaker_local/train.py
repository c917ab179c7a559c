"""Trains a model with the container's own `train`, as a SageMaker training job would."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ContainerError, LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import TextIOWrapper

    from sagemaker_local.dockerfile import ImageBuild
    from sagemaker_local.engine import Engine, RunningContainer

_PAUSE_SECONDS = 0.1
_PORT = 8080
"""What an image listens on by default; `train` does not."""


def train(
    build: ImageBuild,
    *,
    engine: Engine,
    code: Path,
    channels: Mapping[str, Path],
    hyperparameters: Path | None,
    model_directory: Path,
    say: Callable[[str], None],
) -> None:
    """Run a training job to its end.

    Args:
        build: The image.
        engine: What runs it.
        code: Directory with `train.py`.
        channels: Directory of each input channel, by name.
        hyperparameters: File with a JSON object of strings, numbers and booleans. Without it, there are none.
        model_directory: Holds exactly what the job wrote, once it succeeded. Files that are equal stay untouched.
        say: Gets each line that the container prints.

    Raises:
        LocalError: If an input cannot be used, or the job wrote no model.
        ContainerError: If the job failed.
    """
    values = {} if hyperparameters is None else read_hyperparameters(hyperparameters)
    for meaning, directory in {"code": code, **{f"channel {name}": path for name, path in channels.items()}}.items():
        _check_input(meaning, directory, model_directory)
    with tempfile.TemporaryDirectory(prefix="sagemaker-local-train-", ignore_cleanup_errors=True) as temporary:
        base, log_file = Path(temporary) / "ml", Path(temporary) / "container.log"
        lay_out(base, channels, values)
        shutil.copytree(code, base / "code")
        container = engine.start(
            build, argument="train", base_directory=base, port=_PORT, environment={}, log_file=log_file
        )
        try:
            exit_code = follow(container, log_file, say)
        finally:
            container.stop()
        if exit_code != 0:
            reason = failure_reason(base / "output" / "failure")
            raise ContainerError(
                f"training failed with exit code {exit_code} and wrote no reason to output/failure"
                if reason is None
                else f"training failed: {reason}",
                container.log(),
            )
        replace_model(model_directory, base / "model")


def _check_input(meaning: str, directory: Path, model_directory: Path) -> None:
    if not directory.is_dir():
        raise LocalError(f"{meaning} must be a directory, and {directory} is none")
    source, model = directory.resolve(), model_directory.resolve()
    if source.is_relative_to(model) or model.is_relative_to(source):
        raise LocalError(
            f"the model's directory {model_directory} is emptied first, so it must stand apart from the {meaning}"
        )


def read_hyperparameters(path: Path) -> dict[str, str]:
    """Read a file of hyperparameters, and return all of them as text.

    Args:
        path: Holds one JSON object of strings, numbers and booleans.

    Raises:
        LocalError: If it cannot be read, or holds anything else.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise LocalError(f"the hyperparameters {path} cannot be read ({error.strerror}): name a JSON file") from error
    except ValueError as error:
        raise LocalError(f"the hyperparameters {path} are no JSON ({error}): write one object") from error
    if not isinstance(content, dict) or not all(isinstance(value, str | int | float) for value in content.values()):
        raise LocalError(f"the hyperparameters {path} must be one JSON object of strings, numbers and booleans")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in content.items()}


def lay_out(
    base: Path,
    channels: Mapping[str, Path],
    hyperparameters: Mapping[str, str],
    *,
    modes: Mapping[str, str] | None = None,
) -> None:
    """Write what SageMaker writes before training begins.

    https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html

    Args:
        base: What the container sees as ``/opt/ml``.
        channels: Directory of each input channel, by name.
        hyperparameters: Text by name.
        modes: Input mode of each channel. Without it, ``File``.
    """
    for name in ("model", "output", "input/config", "input/data"):
        (base / name).mkdir(parents=True)
    for name, directory in channels.items():
        shutil.copytree(directory, base / "input" / "data" / name)
    described = {
        name: {
            "TrainingInputMode": "File" if modes is None else modes[name],
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        for name in channels
    }
    _write_json(base / "input/config/hyperparameters.json", hyperparameters)
    _write_json(base / "input/config/inputdataconfig.json", described)
    _write_json(
        base / "input/config/resourceconfig.json",
        {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"},
    )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def follow(
    container: RunningContainer,
    log_file: Path,
    say: Callable[[str], None],
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int | None:
    """Wait for the end of a container.

    Args:
        container: The container.
        log_file: What it prints.
        say: Gets each line of that.
        is_stopped: Whether it is not to be waited for any longer.

    Returns:
        Its exit code, or None if it was stopped.
    """
    with log_file.open(encoding="utf-8", errors="replace") as log:
        started = ""
        while not is_stopped():
            exit_code = container.exit_code()
            for line in _lines(log):
                started += line
                if started.endswith("\n"):
                    say(started.rstrip("\n"))
                    started = ""
            if exit_code is not None:
                if started:
                    say(started)
                return exit_code
            time.sleep(_PAUSE_SECONDS)
    return None


def _lines(log: TextIOWrapper) -> Iterator[str]:
    while line := log.readline():
        yield line


def failure_reason(failure: Path) -> str | None:
    """Return what the container wrote into its failure file, or None if there is none.

    Args:
        failure: The file.
    """
    return failure.read_text(encoding="utf-8", errors="replace").strip() if failure.is_file() else None


def replace_model(directory: Path, written: Path) -> None:
    """Let a directory hold exactly what was written. Files that are equal stay untouched.

    Args:
        directory: The directory.
        written: What training wrote.

    Raises:
        LocalError: If that is nothing.
    """
    new = {path.relative_to(written) for path in written.rglob("*") if path.is_file()}
    if not new:
        raise LocalError(f"training wrote no file to the model's directory, so {directory} stays as it was")
    directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(directory) not in new:
            path.unlink()
    for name in sorted(new):
        source, target = written / name, directory / name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
