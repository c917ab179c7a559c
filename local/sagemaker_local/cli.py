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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        return _train(options, reporter) if options.command == "train" else _deploy(options, reporter)
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
    deploy.add_argument("--app", help="command that runs the app (default: that of cdk.json)")
    deploy.add_argument("--invoke", metavar="FUNCTION", help="then invoke this function: a stack output or a name")
    deploy.add_argument("--keep", action="store_true", help="keep running until Ctrl-C")
    deploy.add_argument("--port", type=int, default=0, help="port of the embedded AWS (default: a free one)")
    deploy.add_argument("--region", default=default_region(), help="region to stand for (default: %(default)s)")
    deploy.add_argument(
        "--startup-timeout",
        type=float,
        default=60,
        metavar="SECONDS",
        help="how long a container may take to become healthy (default: %(default)s)",
    )

    train = commands.add_parser("train", help="train a model with a container's own `train`")
    train.add_argument("--context", type=Path, required=True, help="build context of the image")
    train.add_argument("--file", default="Dockerfile", help="the Dockerfile, relative to the context")
    train.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="value of an ARG")
    train.add_argument("--code", type=Path, required=True, help="directory of the training code")
    train.add_argument("--channel", action="append", default=[], metavar="NAME=DIRECTORY", help="an input channel")
    train.add_argument("--hyperparameters", type=Path, metavar="FILE", help="JSON object of names and values")
    train.add_argument("--model-dir", type=Path, required=True, help="where the trained model goes")

    for command in (deploy, train):
        command.add_argument("--verbose", action="store_true", help="say more")
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
    name = next(iter(deployment.endpoints), "NAME")
    reporter.say(f"\nThe embedded AWS answers at {deployment.url}. To call an endpoint while it runs (--keep):")
    reporter.say(
        f"  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION={deployment.region} "
        f"AWS_ENDPOINT_URL={deployment.url} aws sagemaker-runtime invoke-endpoint --endpoint-name {name} "
        "--content-type text/csv --body fileb://request.csv /dev/stdout"
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
    from sagemaker_local.dockerfile import ImageBuild  # noqa: PLC0415
    from sagemaker_local.process_engine import ProcessEngine  # noqa: PLC0415
    from sagemaker_local.train import train  # noqa: PLC0415

    build = ImageBuild(
        directory=options.context, dockerfile=options.file, build_args=_pairs("--build-arg", options.build_arg)
    )
    channels = {name: Path(directory) for name, directory in _pairs("--channel", options.channel).items()}
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


def _pairs(option: str, values: Sequence[str]) -> Mapping[str, str]:
    wrong = [value for value in values if "=" not in value]
    if wrong:
        raise LocalError(f"{option} must be NAME=VALUE, got {wrong[0]!r}")
    return dict(value.split("=", 1) for value in values)


if __name__ == "__main__":
    sys.exit(main())
