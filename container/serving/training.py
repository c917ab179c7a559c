"""`train`: SageMaker's files in, one call of the user's `train(job)`, exit code and failure file out.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html

Training runs as the user of the container, which in SageMaker is root: what it has to write, `/opt/ml/model` and
`/opt/ml/output`, belongs to root there.
"""

import inspect
import json
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from serving import hyperparameters, log
from serving.config import Config
from serving.errors import ContractError, TrainingInputError
from serving.loader import import_program

EXIT_AFTER_SIGTERM = 128 + signal.SIGTERM
"""143, as a shell reports a process that SIGTERM ended. What is in the model directory by then, SageMaker uploads."""


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What `train(job)` gets.

    Attributes:
        hyperparameters: By name. SageMaker has strings only; they are typed as `hyperparameters.schema.json` beside the
            program declares. Without that file, those that read as JSON (numbers, true, lists, quoted strings) or as
            True or False are converted, any other stays a string.
        channels: The folder of each input channel, by name.
        model_dir: What is written here becomes `model.tar.gz`.
        output_dir: What is written here becomes `output.tar.gz`: plots, reports.
        checkpoint_dir: Synchronized with S3 while the job runs, if the job has a checkpoint configuration.
        current_host: This machine's name among the hosts.
        hosts: The machines of a distributed job, the same order on all of them.
    """

    hyperparameters: Mapping[str, Any]
    channels: Mapping[str, Path]
    model_dir: Path
    output_dir: Path
    checkpoint_dir: Path
    current_host: str
    hosts: tuple[str, ...]

    @classmethod
    def from_directory(cls, base: Path, program: Path | None = None) -> "TrainingJob":
        """Read what SageMaker laid out below the base directory. Files that are not there count as empty.

        Args:
            base: The base directory.
            program: The training program, whose neighbour may declare the hyperparameters.

        Raises:
            TrainingInputError: A file is not what SageMaker writes, or a channel has an input mode that is not read.
        """
        config = base / "input" / "config"
        resources = _json_object(config / "resourceconfig.json", config / "resourceConfig.json")
        given = _json_object(config / "hyperparameters.json")
        declared = None if program is None else hyperparameters.declared(program, given)
        current_host = str(resources.get("current_host", "algo-1"))
        return cls(
            hyperparameters={name: typed(value) for name, value in given.items()} if declared is None else declared,
            channels=_channels(base / "input" / "data", _json_object(config / "inputdataconfig.json")),
            model_dir=_made(base / "model"),
            output_dir=_made(base / "output" / "data"),
            checkpoint_dir=_made(base / "checkpoints"),
            current_host=current_host,
            hosts=tuple(resources.get("hosts", [current_host])),
        )


def run(config: Config) -> int:
    """Train once.

    Returns:
        0, or 1 after a failure. The reason is then in `output/failure`, whose first 1,024 characters SageMaker shows
        as FailureReason: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        train, program = _find_train(config)
        job = TrainingJob.from_directory(config.base_dir, program)
        log.info("training", channels=",".join(job.channels), model_dir=job.model_dir)
        train(job)
    except _StoppedError:
        log.info("training was stopped")
        return EXIT_AFTER_SIGTERM
    except (Exception, SystemExit) as reason:  # noqa: BLE001 - whatever ended it, SageMaker shows the reason
        if isinstance(reason, SystemExit) and reason.code in (None, 0):
            return 0
        log.error("training failed", traceback_of=reason)
        _write_failure(config.base_dir / "output" / "failure", reason)
        return 1
    log.info("trained")
    return 0


def typed(value: object) -> Any:  # noqa: ANN401 - a hyperparameter has any type
    """The value that a hyperparameter's string stands for."""
    if not isinstance(value, str):
        return value
    if value in ("True", "False"):
        return value == "True"
    try:
        return json.loads(value)
    except ValueError:
        return value


class _StoppedError(BaseException):
    """SIGTERM arrived. Not an Exception, so that the user's own handlers do not swallow it."""


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _StoppedError


def _find_train(config: Config) -> tuple[Callable[[TrainingJob], None], Path]:
    name = config.program or "train.py"
    baked = config.base_dir / "code" / name
    channel = config.base_dir / "input" / "data" / "code" / name
    path = channel if channel.is_file() and not baked.is_file() else baked
    module = import_program(path, hint=f"put it there in the image, or into a channel named code ({channel})")
    train: Callable[[TrainingJob], None] | None = getattr(module, "train", None)
    try:
        if train is not None:
            inspect.signature(train).bind(None)
            return train, path
    except TypeError:
        pass
    raise ContractError(f"{path} must define train(job), a function of one parameter.")


def _channels(data: Path, described: Mapping[str, Any]) -> dict[str, Path]:
    names = set(described) | ({entry.name for entry in data.iterdir() if entry.is_dir()} if data.is_dir() else set())
    piped = sorted(name for name, channel in described.items() if channel.get("TrainingInputMode") == "Pipe")
    if piped:
        raise TrainingInputError(f"Channel {', '.join(piped)} has input mode Pipe; use File or FastFile.")
    return {name: data / name for name in sorted(names)}


def _json_object(*paths: Path) -> dict[str, Any]:
    for path in paths:
        try:
            value = json.loads(path.read_bytes())
        except FileNotFoundError:
            continue
        except ValueError as reason:
            raise TrainingInputError(f"{path} is no JSON: {reason}.") from reason
        if not isinstance(value, dict):
            raise TrainingInputError(f"{path} must be a JSON object, got {type(value).__name__}.")
        return value
    return {}


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _write_failure(path: Path, reason: BaseException) -> None:
    text = f"{type(reason).__name__}: {reason}\n\n{''.join(traceback.format_exception(reason))}"
    try:
        _made(path.parent)
        path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        log.error("the reason of the failure could not be written", path=path, traceback_of=trouble)
