"""Real processes of the container's program, and a client that speaks HTTP to them."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from waiting import PATIENCE_IN_SECONDS, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REPOSITORY = Path(__file__).parents[2]

LOAD_FAILED = 500
"""What /ping answers from then on; it never becomes anything else."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Server:
    """A running `python -m serving serve`."""

    def __init__(self, base: Path, environment: Mapping[str, str], *, program: Path = REPOSITORY / "container") -> None:
        self.port = unused_port()
        self.base = base
        self._log = base / "log.txt"
        settings = {
            "SAGEMAKER_BASE_DIR": str(base),
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
            "SERVING_LOG_FORMAT": "text",
            **environment,
        }
        with self._log.open("wb") as log, (base / "stdout.txt").open("wb") as stdout:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "serving", "serve"],
                env=program_environment(settings, program),
                stdout=stdout,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=base,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; `content_type="text/csv"` sends a header Content-Type."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_IN_SECONDS)
        with contextlib.closing(connection):
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(status=response.status, body=response.read(), headers=dict(response.getheaders()))

    def invoke(self, body: bytes = b"1,2\n", content_type: str = "text/csv", **headers: str) -> Answer:
        return self.request("POST", "/invocations", body, content_type=content_type, **headers)

    def ping(self) -> int:
        """The status of /ping, or 0 while nothing listens."""
        try:
            return self.request("GET", "/ping").status
        except (ConnectionError, http.client.BadStatusLine):
            return 0

    def wait_for_ping(self, status: int) -> None:
        def reached() -> bool:
            if self.process.poll() is not None:
                pytest.fail(f"the server ended with {self.process.returncode}:\n{self.log}")
            answered = self.ping()
            if answered == LOAD_FAILED != status:
                pytest.fail(f"the model could not be loaded:\n{self.log}")
            return answered == status

        until(reached)

    def wait_until(self, sought: Callable[[], object]) -> None:
        """Ask until the answer is true."""
        until(sought)

    def wait_until_refused(self) -> None:
        until(lambda: self.ping() == 0)

    def workers(self) -> set[int]:
        table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
        return {process for process, parent in pairs if parent == self.process.pid}

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_IN_SECONDS)

    def close(self) -> None:
        """End it, and what a container would take with it: a model server does not notice that the front is gone."""
        if self.process.poll() is None:
            children = self.workers()
            self.process.kill()
            self.process.wait()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)


def program_environment(settings: Mapping[str, str], program: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SAGEMAKER_", "SERVING_"))}
    python = {"PYTHONPATH": str(program), "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**inherited, **python, **settings}


def lay_out_model(base: Path, inference: str | None) -> Path:
    code = base / "model" / "code"
    code.mkdir(parents=True, exist_ok=True)
    if inference is not None:
        (code / "inference.py").write_text(inference)
    return base


@pytest.fixture
def free_port() -> int:
    return unused_port()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers: `start(inference, NAME="value")` with the text of inference.py and environment variables."""
    servers: list[Server] = []

    def _start(
        inference: str | None = None,
        *,
        base: Path = tmp_path,
        program: Path = REPOSITORY / "container",
        **env: str,
    ) -> Server:
        servers.append(Server(lay_out_model(base, inference), env, program=program))
        return servers[-1]

    yield _start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One ready server for all tests of a module, with the module's INFERENCE as inference.py."""
    base = lay_out_model(tmp_path_factory.mktemp("ml"), request.module.INFERENCE)
    running = Server(base, getattr(request.module, "ENVIRONMENT", {}))
    running.wait_for_ping(200)
    yield running
    running.close()


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `python -m serving train` below tmp_path."""

    def _train(**env: str) -> subprocess.Popen[str]:
        settings = {"SAGEMAKER_BASE_DIR": str(tmp_path), "SERVING_LOG_FORMAT": "text", **env}
        return subprocess.Popen(
            [sys.executable, "-m", "serving", "train"],
            env=program_environment(settings, REPOSITORY / "container"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return _train
