"""The command ``sagemaker-local``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sagemaker_local.console import Reporter
from sagemaker_local.environment import default_region
from sagemaker_local.errors import CommandError, ContainerError, LocalError
from sagemaker_local.job_commands import name_value_pairs, run_start, run_train, run_transform_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sagemaker_local.deployment import Deployment


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; ``None`` for that of the process.

    Returns:
        0 if all went well, which stopping what was to be kept is, 1 if something failed, 130 if it was interrupted.
    """
    options = _parser().parse_args(arguments)
    reporter = Reporter(verbose=options.verbose)
    # Whoever stops the program gets the same cleaning up as who lets it end.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        commands = {"deploy": _deploy, "start": run_start, "train": _train, "transform": run_transform_command}
        return commands[options.command](options, reporter)
    except CommandError as error:
        reporter.error(str(error), error.output)
    except ContainerError as error:
        reporter.error(str(error), f"the container's log:\n{error.log}")
    except LocalError as error:
        reporter.error(str(error))
    except KeyboardInterrupt:
        reporter.say("Stopped, and cleaned up.")
        return 130
    return 1


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sagemaker-local", description="Runs a CDK app's SageMaker stack on this machine, without an AWS account."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    deploy = commands.add_parser("deploy", help="deploy stacks to an embedded AWS and run their endpoints")
    deploy.add_argument("stacks", nargs="*", metavar="STACK", help="id of a stack; not needed if the app has only one")
    deploy.add_argument("--invoke", metavar="FUNCTION", help="then invoke this function: a stack output or a name")
    deploy.add_argument("--keep", action="store_true", help="keep running until Ctrl-C")

    train = commands.add_parser("train", help="train a model: by a stack's TrainingJob, or with an image alone")
    train.add_argument("stack", nargs="?", metavar="STACK", help="deploy this stack and run its TrainingJob")
    train.add_argument("--job", metavar="OUTPUT", help="which, if the stack has several: an output or a name")
    train.add_argument("--channel", action="append", default=[], metavar="NAME=DIRECTORY", help="an input channel")
    train.add_argument("--hyperparameters", type=Path, metavar="FILE", help="JSON object of names and values")
    train.add_argument("--model-dir", type=Path, help="where the trained model goes")
    train.add_argument("--context", type=Path, help="without a stack: build context of the image")
    train.add_argument("--file", default="Dockerfile", help="without a stack: the Dockerfile, relative to the context")
    train.add_argument(
        "--build-arg", action="append", default=[], metavar="NAME=VALUE", help="without a stack: value of an ARG"
    )
    train.add_argument("--code", type=Path, help="without a stack: directory of the training code")

    transform = commands.add_parser("transform", help="deploy a stack and run its BatchTransform")
    transform.add_argument("stack", metavar="STACK", help="id of the stack")
    transform.add_argument("--job", metavar="OUTPUT", help="which, if the stack has several: an output or a name")
    transform.add_argument("--data", type=Path, metavar="PATH", help="file or directory to upload as the input")
    transform.add_argument("--output-dir", type=Path, metavar="DIRECTORY", help="where the output objects go")
    transform.add_argument("--input", default="{}", metavar="JSON", help="input of the execution")

    start = commands.add_parser("start", help="deploy a stack and execute one of its state machines")
    start.add_argument("stack", metavar="STACK", help="id of the stack")
    start.add_argument("state_machine", metavar="OUTPUT", help="a stack output, a name or an ARN")
    start.add_argument("--input", default="{}", metavar="JSON", help="input of the execution")

    for command in (deploy, train, transform, start):
        command.add_argument("--verbose", action="store_true", help="say more")
        command.add_argument("--app", help="command that runs the app (default: that of cdk.json)")
        command.add_argument("--port", type=int, default=0, help="port of the embedded AWS (default: a free one)")
        command.add_argument("--region", default=default_region(), help="region to stand for (default: %(default)s)")
        command.add_argument(
            "--startup-timeout",
            type=float,
            default=60,
            metavar="SECONDS",
            help="how long a container may take to become healthy (default: %(default)s)",
        )
    return parser


def _deploy(options: argparse.Namespace, reporter: Reporter) -> int:
    # The embedded AWS takes a second to import; asking for help does not need it.
    from sagemaker_local.deployment import deployed  # noqa: PLC0415

    with deployed(
        Path.cwd(),
        options.stacks,
        app=options.app,
        port=options.port,
        region=options.region,
        startup_timeout=options.startup_timeout,
        reporter=reporter,
    ) as deployment:
        _describe(deployment, reporter)
        passed = options.invoke is None or _invoke(deployment, options.invoke, reporter)
        if options.keep:
            reporter.say("\nRunning until you press Ctrl-C.")
            with suppress(KeyboardInterrupt):
                signal.pause()
    return 0 if passed else 1


def _describe(deployment: Deployment, reporter: Reporter) -> None:
    for name, variants in deployment.endpoints.items():
        for variant in variants:
            reporter.table(
                f"Endpoint {name}",
                [
                    ("Variant", variant.name),
                    ("Status", "InService"),
                    ("Image", variant.image),
                    ("Model data", variant.model_data or "none"),
                    ("Container", variant.container.url),
                ],
            )
    if deployment.outputs:
        reporter.table("Outputs", list(deployment.outputs.items()))
    if not deployment.endpoints:
        reporter.say(f"\nThe embedded AWS answers at {deployment.url} while it runs (--keep).")
        return
    name = next(iter(deployment.endpoints))
    reporter.say(f"\nThe embedded AWS answers at {deployment.url}. To call an endpoint while it runs (--keep):")
    reporter.say(
        f"  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION={deployment.region} "
        f"AWS_ENDPOINT_URL={deployment.url} aws sagemaker-runtime invoke-endpoint --endpoint-name {name} "
        "--content-type TYPE --body fileb://FILE /dev/stdout"
    )


def _invoke(deployment: Deployment, function: str, reporter: Reporter) -> bool:
    name = deployment.outputs.get(function, function)
    client = deployment.client("lambda")
    with reporter.step(f"Invoking {name}", f"Invoked {name}"):
        try:
            response = client.invoke(FunctionName=name, LogType="Tail")
        except client.exceptions.ResourceNotFoundException as error:
            outputs = ", ".join(deployment.outputs) or "none"
            raise LocalError(f"there is no function {name}; the stack's outputs are {outputs}") from error
    result = json.loads(response["Payload"].read())
    reporter.say(json.dumps(result, indent=2))
    failed = "FunctionError" in response or (isinstance(result, dict) and result.get("passed") is False)
    if failed:
        reporter.error(f"the function {name} failed; its result is above")
    return not failed


def _train(options: argparse.Namespace, reporter: Reporter) -> int:
    if options.stack is not None:
        return run_train(options, reporter)
    if None in (options.context, options.code, options.model_dir):
        raise LocalError(
            "name the stack whose training job is to run, or give --context, --code and --model-dir to do without one"
        )
    from sagemaker_local.dockerfile import ImageBuild  # noqa: PLC0415
    from sagemaker_local.process_engine import ProcessEngine  # noqa: PLC0415
    from sagemaker_local.train import train  # noqa: PLC0415

    build = ImageBuild(
        directory=options.context,
        dockerfile=options.file,
        build_args=name_value_pairs("--build-arg", options.build_arg),
    )
    channels = {name: Path(directory) for name, directory in name_value_pairs("--channel", options.channel).items()}
    with reporter.step(f"Training {options.model_dir}", f"Trained {options.model_dir}"):
        try:
            train(
                build,
                engine=ProcessEngine(say=reporter.detail),
                code=options.code,
                channels=channels,
                hyperparameters=options.hyperparameters,
                model_directory=options.model_dir,
                say=reporter.say,
            )
        except ContainerError as error:  # its log has been shown, line by line
            raise LocalError(str(error)) from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
