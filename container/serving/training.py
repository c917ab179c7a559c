"""`train`: SageMaker's files in, one call of the user's `train(job)`, exit code and failure file out.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html

Training runs as the user of the container, which in SageMaker is root: what it has to write, `/opt/ml/model` and
`/opt/ml/output`, belongs to root there.
"""

import asyncio
import inspect
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, get_args

from serving import hyperparameters, log, requirements
from serving.channels import Channel, InputMode, Pipe, RecordWrapper
from serving.config import Config
from serving.errors import ContractError, TrainingInputError
from serving.loader import import_program

EXIT_AFTER_SIGTERM = 128 + signal.SIGTERM
"""143, as a shell reports a process that SIGTERM ended. What is in the model directory by then, SageMaker uploads."""


class StoppedError(BaseException):
    """SIGTERM arrived: raised once, in the main thread, wherever the program is.

    It is no Exception, so that a program's own handlers do not swallow it. A program may catch it, or use `finally`, to
    save a checkpoint; SageMaker waits 120 seconds before it kills the container.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html
    """


@dataclass(frozen=True, kw_only=True)
class InstanceGroup:
    """Machines of one type, in a job that has several types.

    Attributes:
        name: The group's name.
        instance_type: Such as `ml.m5.large`.
        hosts: The machines' names.
    """

    name: str
    instance_type: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """What `train(job)` gets.

    Attributes:
        hyperparameters: By name. SageMaker has strings only; they are typed as `hyperparameters.schema.json` beside the
            program declares. Without that file, those that read as JSON (numbers, true, lists, quoted strings) or as
            True or False are converted, any other stays a string.
        channels: The folder of each input channel in File or FastFile mode, by name.
        pipes: Each input channel in Pipe mode, by name: an iterator over epochs.
        inputs: What the job says of each channel, by name.
        model_dir: What is written here becomes `model.tar.gz`.
        output_dir: What is written here becomes `output.tar.gz`: plots, reports.
        checkpoint_dir: Synchronized with S3 while the job runs, if the job has a checkpoint configuration. After an
            interruption of a spot instance, it holds what was written before.
        current_host: This machine's name among the hosts.
        hosts: The machines of a distributed job, the same order on all of them.
        network_interface: The network interface that the hosts reach each other by, or None if it is not known.
        instance_type: This machine's type, or None if it is not known.
        instance_groups: The machines by type, in a job that has several; else empty.
    """

    hyperparameters: Mapping[str, Any]
    channels: Mapping[str, Path]
    pipes: Mapping[str, Pipe]
    inputs: Mapping[str, Channel]
    model_dir: Path
    output_dir: Path
    checkpoint_dir: Path
    current_host: str
    hosts: tuple[str, ...]
    network_interface: str | None
    instance_type: str | None
    instance_groups: tuple[InstanceGroup, ...]

    @property
    def rank(self) -> int:
        """This machine's number among the hosts, from 0."""
        return self.hosts.index(self.current_host)

    def report(self, metrics: Mapping[str, float]) -> None:
        """Print metrics where SageMaker finds them: a line `name: value` each, on standard output.

        The metric definition's regular expression is then `name: ([0-9.e+-]+)`.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricDefinition.html

        Args:
            metrics: Values by name.
        """
        for name, value in metrics.items():
            print(f"{name}: {float(value)!r}", flush=True)  # noqa: T201 - SageMaker reads what is printed

    @classmethod
    def from_directory(cls, base: Path, program: Path | None = None) -> "TrainingJob":
        """Read what SageMaker laid out below the base directory. Files that are not there count as empty.

        Args:
            base: The base directory.
            program: The training program, whose neighbour may declare the hyperparameters.

        Raises:
            TrainingInputError: A file is not what SageMaker writes: all problems of all files in one.
        """
        config = base / "input" / "config"
        problems: list[str] = []
        given = _json_object(config, "hyperparameters.json", problems=problems)
        resources = _json_object(config, "resourceconfig.json", "resourceConfig.json", problems=problems)
        described = _json_object(config, "inputdataconfig.json", "inputDataConfig.json", problems=problems)
        inputs = _inputs(base / "input" / "data", described, problems)
        current_host, hosts = _hosts(resources, problems)
        groups = _instance_groups(resources, problems)
        if problems:
            raise TrainingInputError("; ".join(problems))
        declared = None if program is None else hyperparameters.declared(program, given)
        return cls(
            hyperparameters={name: typed(value) for name, value in given.items()} if declared is None else declared,
            channels={name: channel.path for name, channel in inputs.items() if channel.mode != "Pipe"},
            pipes={name: Pipe(channel) for name, channel in inputs.items() if channel.mode == "Pipe"},
            inputs=inputs,
            model_dir=_made(base / "model"),
            output_dir=_made(base / "output" / "data"),
            checkpoint_dir=_made(base / "checkpoints"),
            current_host=current_host,
            hosts=hosts,
            network_interface=resources.get("network_interface_name"),
            instance_type=resources.get("current_instance_type"),
            instance_groups=groups,
        )


def run(config: Config) -> int:
    """Train once.

    Returns:
        0, or 1 after a failure. The reason is then in `output/failure`, whose first 1,024 characters SageMaker shows
        as FailureReason: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
    """
    signal.signal(signal.SIGTERM, _stop)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a metric is there when it is printed
    try:
        path = _program(config)
        packages = asyncio.run(requirements.prepare(path.parent, allowed=config.install_requirements))
        if packages is not None:
            os.environ.update(packages.environment(os.environ))
            sys.path.insert(0, str(packages.folder))
        train = _find_train(path)
        job = TrainingJob.from_directory(config.base_dir, path)
        log.info(
            "training",
            channels=",".join(job.channels),
            pipes=",".join(job.pipes),
            host=job.current_host,
            hosts=len(job.hosts),
        )
        train(job)
    except StoppedError:
        log.info("training was stopped")
        return EXIT_AFTER_SIGTERM
    except (Exception, SystemExit) as reason:  # noqa: BLE001 - whatever ended it, SageMaker shows the reason
        if isinstance(reason, SystemExit) and reason.code in (None, 0):
            return 0
        log.error("training failed", traceback_of=reason)
        _write_failure(config.base_dir / "output" / "failure", reason)
        return 1
    if not any(job.model_dir.iterdir()):
        log.warning("the training program has written nothing to the folder of the model", path=job.model_dir)
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


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing interrupts the saving of a checkpoint
    raise StoppedError


def _program(config: Config) -> Path:
    name = config.program or "train.py"
    baked = config.base_dir / "code" / name
    channel = config.base_dir / "input" / "data" / "code" / name
    return channel if channel.is_file() and not baked.is_file() else baked


def _find_train(path: Path) -> Callable[[TrainingJob], None]:
    module = import_program(path, hint="put it there in the image, or into a channel named code (input/data/code)")
    train: Callable[[TrainingJob], None] | None = getattr(module, "train", None)
    if inspect.iscoroutinefunction(train) or inspect.isgeneratorfunction(train):  # calling it would run nothing
        raise ContractError(f"{path} must define train(job) with def, without async and yield.")
    try:
        if train is not None:
            inspect.signature(train).bind(None)
            return train
    except TypeError:
        pass
    raise ContractError(f"{path} must define train(job), a function of one parameter.")


def _inputs(data: Path, described: Mapping[str, Any], problems: list[str]) -> dict[str, Channel]:
    """The channels that the job names, and the folders that are there without being named."""
    found = {entry.name for entry in data.iterdir() if entry.is_dir()} if data.is_dir() else set()
    channels: dict[str, Channel] = {}
    for name in sorted(set(described) | found):
        said = described.get(name, {})
        if not isinstance(said, dict):
            problems.append(f"channel {name} must be a JSON object, got {type(said).__name__}")
            continue
        mode, wrapper = said.get("TrainingInputMode", "File"), said.get("RecordWrapperType", "None")
        if mode not in get_args(InputMode):
            problems.append(f"TrainingInputMode of channel {name} must be File, FastFile or Pipe, got {mode!r}")
        if wrapper not in get_args(RecordWrapper):
            problems.append(f"RecordWrapperType of channel {name} must be None or RecordIO, got {wrapper!r}")
        channels[name] = Channel(
            name=name,
            mode=mode,
            content_type=said.get("ContentType"),
            record_wrapper=wrapper,
            distribution=said.get("S3DistributionType", "FullyReplicated"),
            path=data / name,
        )
    return channels


def _hosts(resources: Mapping[str, Any], problems: list[str]) -> tuple[str, tuple[str, ...]]:
    current = resources.get("current_host", "algo-1")
    hosts = resources.get("hosts", [current])
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        problems.append(f"hosts must be a list of strings, got {hosts!r}")
    elif current not in hosts:
        problems.append(f"current_host must be one of hosts {', '.join(hosts)}, got {current!r}")
    return current, tuple(hosts) if isinstance(hosts, list) else ()


def _instance_groups(resources: Mapping[str, Any], problems: list[str]) -> tuple[InstanceGroup, ...]:
    try:
        return tuple(
            InstanceGroup(
                name=group["instance_group_name"], instance_type=group["instance_type"], hosts=tuple(group["hosts"])
            )
            for group in resources.get("instance_groups", [])
        )
    except (KeyError, TypeError):
        problems.append("instance_groups must be a list of objects with instance_group_name, instance_type and hosts")
        return ()


def _json_object(folder: Path, *names: str, problems: list[str]) -> dict[str, Any]:
    for name in names:
        path = folder / name
        try:
            value = json.loads(path.read_bytes())
        except FileNotFoundError:
            continue
        except ValueError as reason:
            problems.append(f"{path} is no JSON: {reason}")
            return {}
        if isinstance(value, dict):
            return value
        problems.append(f"{path} must be a JSON object, got {type(value).__name__}")
    return {}


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _write_failure(path: Path, reason: BaseException) -> None:
    text = f"{type(reason).__name__}: {reason}\n\n{log.traceback_of(reason)}\n"
    try:
        _made(path.parent)
        path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        log.error("the reason of the failure could not be written", path=path, traceback_of=trouble)
