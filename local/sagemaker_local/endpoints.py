"""Starts the container of every deployed endpoint, and answers SageMaker Runtime's InvokeEndpoint with it."""

from __future__ import annotations

import http.client
import json
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from sagemaker_local import emulation
from sagemaker_local.engine import wait_until_healthy
from sagemaker_local.environment import ACCOUNT
from sagemaker_local.errors import ContainerError, LocalError
from sagemaker_local.model_data import fetch_model_data, uri_of
from sagemaker_local.registered_model import resolve_package

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from werkzeug.wrappers import Request

    from sagemaker_local.assembly import ImageAsset
    from sagemaker_local.dockerfile import ImageBuild
    from sagemaker_local.engine import Engine, RunningContainer

_MOST_BYTES = 6 * 1024 * 1024
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""

_ANSWER_SECONDS = 60
"""https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"""

_PASSED_ON = (
    "Accept",
    "Content-Type",
    "X-Amzn-SageMaker-Custom-Attributes",
    "X-Amzn-SageMaker-Inference-Id",
    "X-Amzn-SageMaker-Session-Id",
    "X-Amzn-SageMaker-Target-Model",
    "X-Amzn-SageMaker-Target-Variant",
)
_PASSED_BACK = (
    "Content-Type",
    "X-Amzn-SageMaker-Closed-Session-Id",
    "X-Amzn-SageMaker-Custom-Attributes",
    "X-Amzn-SageMaker-New-Session-Id",
)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A production variant whose container answers.

    Attributes:
        name: Its name.
        weight: Its share of the requests, relative to the others.
        image: URI of the image.
        model_data: URI of the model data, if there is any.
        container: The container.
    """

    name: str
    weight: float
    image: str
    model_data: str | None
    container: RunningContainer


class Endpoints:
    """The endpoints that answer."""

    def __init__(self, *, directory: Path, engine: Engine, region: str, startup_timeout: float) -> None:
        """Prepare to start containers.

        Args:
            directory: Where their file systems are laid out.
            engine: What runs them.
            region: Region of the embedded AWS.
            startup_timeout: Seconds that a container may take to become healthy, if its variant does not say less.
        """
        self._directory = directory
        self._engine = engine
        self._region = region
        self._startup_timeout = startup_timeout
        self._variants: dict[str, list[Variant]] = {}

    def start(
        self, name: str, *, sagemaker: Any, s3: Any, images: Sequence[ImageAsset], aws_variables: Mapping[str, str]
    ) -> list[Variant]:
        """Start the containers of an endpoint and wait until they are healthy.

        Args:
            name: The endpoint.
            sagemaker: Client of Amazon SageMaker.
            s3: Client of Amazon S3.
            images: The images that the app builds.
            aws_variables: What points the container's AWS clients at the embedded AWS.

        Raises:
            ContainerError: If a container does not become healthy.
            LocalError: If a variant cannot be run here.
        """
        emulation.hold_endpoint(self._region, name)
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
        )
        self._variants[name] = []
        try:
            for variant in config["ProductionVariants"]:
                model = sagemaker.describe_model(ModelName=variant["ModelName"])
                definition = resolve_package(only_container(f"endpoint {name}", model), sagemaker)
                # Signals interrupt the main thread alone: a container is never started without being known.
                with ThreadPoolExecutor(max_workers=1) as thread:
                    thread.submit(self._launch, name, variant, definition, s3, images, aws_variables).result()
                wait_until_healthy(
                    self._variants[name][-1].container,
                    min(
                        self._startup_timeout,
                        variant.get("ContainerStartupHealthCheckTimeoutInSeconds", self._startup_timeout),
                    ),
                )
        except LocalError as error:
            emulation.fail_endpoint(self._region, name, str(error))
            if isinstance(error, ContainerError):
                raise ContainerError(f"the endpoint {name} failed: {error}", error.log) from error
            raise
        emulation.finish_endpoint(self._region, name)
        return self._variants[name]

    def _launch(
        self,
        endpoint: str,
        variant: Mapping[str, Any],
        definition: Mapping[str, Any],
        s3: Any,
        images: Sequence[ImageAsset],
        aws_variables: Mapping[str, str],
    ) -> None:
        build = build_of(definition["Image"], images)
        base = self._directory / endpoint / variant["VariantName"] / "opt" / "ml"
        model_directory = base / "model"
        model_directory.mkdir(parents=True)
        fetch_model_data(s3, definition, model_directory)
        container = self._engine.start(
            build,
            argument="serve",
            base_directory=base,
            port=free_port(),
            environment={**aws_variables, **definition.get("Environment", {})},
            log_file=base.parents[1] / "container.log",
        )
        self._variants[endpoint].append(
            Variant(
                name=variant["VariantName"],
                weight=variant.get("InitialVariantWeight", 1.0),
                image=definition["Image"],
                model_data=uri_of(definition),
                container=container,
            )
        )

    def stop(self) -> None:
        """Stop all containers."""
        for variants in self._variants.values():
            for variant in variants:
                variant.container.stop()
        self._variants.clear()

    def invoke(self, name: str, request: Request) -> Response:
        """Answer an InvokeEndpoint request.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html

        Args:
            name: The endpoint.
            request: The request of the client.
        """
        variants = self._variants.get(name)
        if not variants:
            return _error(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
        body = request.get_data()
        if len(body) > _MOST_BYTES:
            message = f"Request body is {len(body)} bytes long; an endpoint takes at most {_MOST_BYTES}."
            return _error(413, "ValidationError", message)
        target = request.headers.get("X-Amzn-SageMaker-Target-Variant")
        chosen = [variant for variant in variants if target is None or variant.name == target]
        if not chosen:
            return _error(400, "ValidationError", f"Variant {target} of endpoint {name} not found.")
        weights = [variant.weight for variant in chosen] if target is None else None
        (variant,) = random.choices(chosen, weights)  # noqa: S311  a share of the traffic, not a secret
        return self._forward(name, variant, request, body)

    def _forward(self, endpoint: str, variant: Variant, request: Request, body: bytes) -> Response:
        headers = {header: request.headers[header] for header in _PASSED_ON if header in request.headers}
        host = variant.container.url.removeprefix("http://")
        with closing(http.client.HTTPConnection(host, timeout=_ANSWER_SECONDS)) as connection:
            try:
                connection.request("POST", "/invocations", body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except TimeoutError:
                text = f"Your invocation timed out while waiting for a response from container {variant.name}"
                return _model_error(endpoint, variant, 0, f"{text}. It has {_ANSWER_SECONDS} seconds.")
            except (OSError, http.client.HTTPException) as error:
                return _model_error(endpoint, variant, 500, f"The container closed the connection: {error!r}")
        if not 200 <= answer.status < 300:  # noqa: PLR2004  HTTP's range for success
            return _model_error(endpoint, variant, answer.status, content.decode("utf-8", "replace"))
        response = Response(content, status=answer.status)
        del response.headers["Content-Type"]
        for header in _PASSED_BACK:
            if answer.headers[header] is not None:
                response.headers[header] = answer.headers[header]
        response.headers["x-Amzn-Invoked-Production-Variant"] = variant.name
        return response


def only_container(user: str, model: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the container of a model.

    Args:
        user: What uses the model.
        model: What ``DescribeModel`` returns.

    Raises:
        LocalError: If it has several.
    """
    definitions = [model["PrimaryContainer"]] if model.get("PrimaryContainer") else model.get("Containers", [])
    if len(definitions) != 1:
        raise LocalError(f"the model of the {user} has {len(definitions)} containers: pipelines do not run locally yet")
    found: Mapping[str, Any] = definitions[0]
    return found


def build_of(image: str, images: Sequence[ImageAsset]) -> ImageBuild:
    """Return how an image is built.

    Args:
        image: Its URI.
        images: The images that the app builds.

    Raises:
        LocalError: If the app does not build it.
    """
    for asset in images:
        if image.endswith(f"/{asset.repository}:{asset.tag}"):
            return asset.build
    raise LocalError(
        f"the image {image} is not built by the app, so there is no program to run without a container engine: use "
        "ContainerImage.from_asset for what is to run locally"
    )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _error(status: int, kind: str, message: str) -> Response:
    response = Response(json.dumps({"Message": message}), status=status, mimetype="application/json")
    response.headers["X-Amzn-ErrorType"] = kind
    return response


def _model_error(endpoint: str, variant: Variant, status: int, message: str) -> Response:
    from_container = (
        f"Received {'client' if status < 500 else 'server'} error ({status}) from {variant.name} with message"  # noqa: PLR2004  HTTP
    )
    content = {
        "LogStreamArn": f"arn:aws:logs:local:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/{endpoint}",
        "Message": f'{from_container} "{message}"',
        "OriginalMessage": message,
        "OriginalStatusCode": status,
    }
    response = Response(json.dumps(content), status=424, mimetype="application/json")
    response.headers["X-Amzn-ErrorType"] = "ModelError"
    return response
