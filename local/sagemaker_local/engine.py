"""What runs a container, and how SageMaker finds out that it answers."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from sagemaker_local.errors import ContainerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sagemaker_local.dockerfile import ImageBuild

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.2
_PING_TIMEOUT_SECONDS = 2.0  # https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html


class RunningContainer(Protocol):
    """A container that was started.

    Attributes:
        url: Where it answers, such as `http://127.0.0.1:8080`.
    """

    url: str

    def stop(self) -> None:
        """End it and all that it started. A second call does nothing."""

    def log(self) -> str:
        """Return all that it printed so far."""

    def exit_code(self) -> int | None:
        """Return its exit code, negative for a signal, or None while it runs."""


class Engine(Protocol):
    """Runs containers.

    Attributes:
        name: What to call it in a message.
    """

    name: str

    def start(
        self,
        build: ImageBuild,
        *,
        argument: str,
        base_directory: Path,
        port: int,
        environment: Mapping[str, str],
        log_file: Path,
    ) -> RunningContainer:
        """Start a container as SageMaker does.

        Args:
            build: Its image.
            argument: What SageMaker passes to the entrypoint: `serve` or `train`.
            base_directory: What the container sees as `/opt/ml`.
            port: Where it listens on this machine.
            environment: The variables of the Model or the training job.
            log_file: Gets what it prints.

        Raises:
            LocalError: If the image cannot be built or its program cannot be started.
        """


def wait_until_healthy(container: RunningContainer, timeout_seconds: float) -> None:
    """Ask `/ping` until it answers 200.

    Raises:
        ContainerError: If the container ends, answers 500, or does not answer 200 in time.
    """
    deadline = time.monotonic() + timeout_seconds
    pause = _FIRST_PAUSE_SECONDS
    status = None
    while True:
        exit_code = container.exit_code()
        if exit_code is not None:
            raise ContainerError(f"the process exited with code {exit_code} before it was healthy", container.log())
        status = _ping(container.url) or status
        if status == http.HTTPStatus.OK:
            return
        if status == http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ContainerError("/ping answered 500: the container cannot serve", container.log())
        if time.monotonic() >= deadline:
            last = "no answer at all" if status is None else f"the last answer was {status}"
            raise ContainerError(f"/ping answered no 200 within {timeout_seconds:g} s; {last}", container.log())
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def _ping(url: str) -> int | None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_PING_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/ping")
        with connection.getresponse() as response:
            return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
