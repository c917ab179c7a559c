"""The commands that run the jobs of a stack."""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from sagemaker_local.console import Reporter
    from sagemaker_local.deployment import Deployment

# The embedded AWS takes a second to import; asking for help does not need it.


def run_train(options: argparse.Namespace, reporter: Reporter) -> int:
    """Deploy a stack and run its training job.

    Args:
        options: What the command line says.
        reporter: Told what happens.
    """
    from sagemaker_local.executions import execute, find_state_machine  # noqa: PLC0415
    from sagemaker_local.s3_folder import split_uri, upload  # noqa: PLC0415
    from sagemaker_local.train import read_hyperparameters, replace_model  # noqa: PLC0415

    values = {} if options.hyperparameters is None else read_hyperparameters(options.hyperparameters)
    directories = name_value_pairs("--channel", options.channel)
    with _deployed(options, reporter) as deployment:
        states, s3 = deployment.client("stepfunctions"), deployment.client("s3")
        machine = find_state_machine(states, deployment.outputs, options.job, "createTrainingJob")
        channels = machine.defaults.get("channels", {})
        for name, directory in directories.items():
            if name not in channels:
                raise LocalError(f"the job has no channel {name}; its channels are {', '.join(channels) or 'none'}")
            upload(s3, Path(directory), channels[name])
        with reporter.step("Training", "Trained"):
            result = execute(states, machine, {"hyperparameters": values} if values else {})
        reporter.say(json.dumps(result, indent=2))
        if options.model_dir is not None:
            bucket, key = split_uri(result["ModelArtifacts"])
            with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryFile() as archive:
                s3.download_fileobj(bucket, key, archive)
                archive.seek(0)
                with tarfile.open(fileobj=archive, mode="r:gz") as tar:
                    tar.extractall(temporary, filter="data")
                replace_model(options.model_dir, Path(temporary))
    return 0


def run_transform_command(options: argparse.Namespace, reporter: Reporter) -> int:
    """Deploy a stack and run its transform job.

    Args:
        options: What the command line says.
        reporter: Told what happens.
    """
    from sagemaker_local.executions import execute, find_state_machine  # noqa: PLC0415
    from sagemaker_local.s3_folder import download, upload  # noqa: PLC0415

    given = _object(options.input)
    with _deployed(options, reporter) as deployment:
        states, s3 = deployment.client("stepfunctions"), deployment.client("s3")
        machine = find_state_machine(states, deployment.outputs, options.job, "createTransformJob")
        if options.data is not None:
            place = {**machine.defaults, **given}.get("input")
            if place is None:
                raise LocalError(f"{machine.name} does not say where its input is, so --data cannot be put there")
            upload(s3, options.data, place)
        with reporter.step("Transforming", "Transformed"):
            result = execute(states, machine, given)
        reporter.say(json.dumps(result, indent=2))
        if options.output_dir is not None:
            download(s3, f"{result['Output']}/", options.output_dir)
    return 0


def run_start(options: argparse.Namespace, reporter: Reporter) -> int:
    """Deploy a stack and execute one of its state machines.

    Args:
        options: What the command line says.
        reporter: Told what happens.
    """
    from sagemaker_local.executions import execute, find_state_machine  # noqa: PLC0415

    given = _object(options.input)
    with _deployed(options, reporter) as deployment:
        states = deployment.client("stepfunctions")
        machine = find_state_machine(states, deployment.outputs, options.state_machine)
        with reporter.step(f"Executing {machine.name}", f"Executed {machine.name}"):
            result = execute(states, machine, given)
        reporter.say(json.dumps(result, indent=2))
    return 0


def name_value_pairs(option: str, values: Sequence[str]) -> Mapping[str, str]:
    """Return the names and values of an option that can be given several times.

    Args:
        option: The option.
        values: What was given.

    Raises:
        LocalError: If a value is not ``NAME=VALUE``.
    """
    wrong = [value for value in values if "=" not in value]
    if wrong:
        raise LocalError(f"{option} must be NAME=VALUE, got {wrong[0]!r}")
    return dict(value.split("=", 1) for value in values)


def _deployed(options: argparse.Namespace, reporter: Reporter) -> AbstractContextManager[Deployment]:
    from sagemaker_local.deployment import deployed  # noqa: PLC0415

    return deployed(
        Path.cwd(),
        [options.stack],
        app=options.app,
        port=options.port,
        region=options.region,
        startup_timeout=options.startup_timeout,
        reporter=reporter,
    )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise LocalError(f"--input must be a JSON object ({error}), got {text!r}") from error
    if not isinstance(found, dict):
        raise LocalError(f"--input must be a JSON object, got {text!r}")
    return found
