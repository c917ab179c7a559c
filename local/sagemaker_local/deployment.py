"""Deploys an app's stacks to the embedded AWS and runs their endpoints."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3

from sagemaker_local import emulation
from sagemaker_local.assembly import Assembly, ImageAsset
from sagemaker_local.cdk_cli import CdkCli
from sagemaker_local.endpoints import Endpoints, Variant
from sagemaker_local.environment import ACCOUNT, CREDENTIALS, aws_variables, isolated, process_environment
from sagemaker_local.errors import LocalError
from sagemaker_local.functions import Functions
from sagemaker_local.gateway import Gateway, listening
from sagemaker_local.jobs import JobRunner
from sagemaker_local.process_engine import ProcessEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sagemaker_local.console import Reporter

# What `cdk deploy` asks ECR for before it builds an image: with a manifest under its tag, there is nothing to build.
_MANIFEST = json.dumps(
    {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}
)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What runs.

    Attributes:
        url: URL of the embedded AWS.
        region: Its region.
        outputs: Outputs of the deployed stacks, by name.
        endpoints: The variants of each endpoint.
    """

    url: str
    region: str
    outputs: Mapping[str, str]
    endpoints: Mapping[str, Sequence[Variant]]

    def client(self, service: str) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return _client(service, self.url, self.region)


@contextmanager
def deployed(
    project: Path,
    stacks: Sequence[str],
    *,
    app: str | None,
    port: int,
    region: str,
    startup_timeout: float,
    reporter: Reporter,
) -> Iterator[Deployment]:
    """Deploy stacks, and take everything down again at the end.

    Args:
        project: Directory of the CDK app.
        stacks: Ids of the stacks; none for the only one of the app.
        app: Command that runs the app; ``None`` for that of ``cdk.json``.
        port: Port of the embedded AWS; 0 for a free one.
        region: Region that the embedded AWS stands for.
        startup_timeout: Seconds that a container may take to become healthy.
        reporter: Told what happens.

    Raises:
        LocalError: If a step fails; the text says which and what to do.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sagemaker-local-")))
        empty_file = work / "no-aws-config"
        empty_file.touch()
        functions = Functions(directory=work / "functions", region=region)
        endpoints = Endpoints(
            directory=work / "endpoints",
            engine=ProcessEngine(say=reporter.detail),
            region=region,
            startup_timeout=startup_timeout,
        )
        with reporter.step("Starting the embedded AWS", "Started the embedded AWS"):
            url = stack.enter_context(listening(Gateway(endpoints=endpoints, functions=functions), port))
        stack.callback(endpoints.stop)
        variables = aws_variables(url, region, empty_file)
        functions.use(variables)
        # moto's engine for state machines finds the embedded AWS by this variable.
        environment = isolated(os.environ, variables) | {"MOTO_PORT": str(urlsplit(url).port)}
        stack.enter_context(process_environment(environment))
        temporary = work / "temporary"
        temporary.mkdir()
        cdk = CdkCli(project, environment, temporary)

        with reporter.step("Synthesizing the app", "Synthesized the app"):
            options = () if app is None else ("--app", app)
            cdk.run("synth", "--quiet", "--output", str(work / "assembly"), *options)
        assembly = Assembly.read(work / "assembly")
        chosen = assembly.choose(stacks)
        assembly.check_environment(chosen, region)

        with reporter.step("Bootstrapping the embedded AWS", f"Bootstrapped aws://{ACCOUNT}/{region}"):
            cdk.run("bootstrap", f"aws://{ACCOUNT}/{region}", "--app", str(assembly.directory))
        images = assembly.images(region)
        _announce_images(_client("ecr", url, region), images)

        with reporter.step(f"Deploying {', '.join(chosen)}", f"Deployed {', '.join(chosen)}"):
            outputs = _deploy(cdk, assembly, chosen, work)
        for kind in sorted(assembly.resource_types(chosen)):
            if emulation.is_custom(kind):
                reporter.say(f"not run, and taken as successful: {kind}")
            elif not emulation.is_emulated(kind):
                reporter.say(f"not emulated, and left out: {kind}")

        running: dict[str, Sequence[Variant]] = {}
        sagemaker, s3 = _client("sagemaker", url, region), _client("s3", url, region)
        jobs = JobRunner(
            engine=ProcessEngine(say=reporter.detail),
            images=images,
            sagemaker=sagemaker,
            s3=s3,
            aws_variables=variables,
            say=reporter.say,
            startup_timeout=startup_timeout,
        )
        stack.callback(jobs.stop)
        emulation.JOBS.run_with(jobs.run)
        for name in [entry["EndpointName"] for entry in sagemaker.list_endpoints()["Endpoints"]]:
            with reporter.step(f"Starting the container of {name}", f"The container of {name} is healthy"):
                running[name] = endpoints.start(
                    name, sagemaker=sagemaker, s3=s3, images=images, aws_variables=variables
                )
        yield Deployment(url=url, region=region, outputs=outputs, endpoints=running)


def _deploy(cdk: CdkCli, assembly: Assembly, stacks: Sequence[str], work: Path) -> dict[str, str]:
    outputs = work / "outputs.json"
    cdk.run(
        "deploy",
        *stacks,
        "--app",
        str(assembly.directory),
        "--method",
        "direct",
        "--require-approval",
        "never",
        "--outputs-file",
        str(outputs),
    )
    if not outputs.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(outputs.read_text(encoding="utf-8"))
    return {name: value for values in found.values() for name, value in values.items()}


def _announce_images(ecr: Any, images: Sequence[ImageAsset]) -> None:
    for image in images:
        try:
            ecr.put_image(repositoryName=image.repository, imageManifest=_MANIFEST, imageTag=image.tag)
        except ecr.exceptions.RepositoryNotFoundException as error:
            raise LocalError(
                f"the app pushes images to the repository {image.repository}, which `cdk bootstrap` does not make: use "
                "the default qualifier, or deploy without it locally"
            ) from error


def _client(service: str, url: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
