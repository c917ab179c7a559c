"""One run of a server: pinned to a core, asked until it is ready, weighed, and ended with all its processes."""

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.environment import bin_of
from benchmarks.serving.payload import Payload
from benchmarks.serving.peer import PEERS, Peer

READY_SECONDS = 120
STOP_SECONDS = 20
PORTS = range(8100, 9900)
"""Below those that the system gives to outgoing connections."""

NAMES = ("port", "port2", "port3")

TICKS = os.sysconf("SC_CLK_TCK")


class ServerError(Exception):
    """A server does not start, or does not answer as it should."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that is ready.

    Attributes:
        peer: What it is.
        port: Where it listens.
        pid: Its first process.
        ready_seconds: From its start to the first ping that was answered 200.
    """

    peer: Peer
    port: int
    pid: int
    ready_seconds: float

    def memory_mib(self) -> float:
        """Proportional memory of all its processes."""
        return sum(_proportional_kib(pid) for pid in _family(self.pid)) / 1024

    def cpu_seconds(self) -> float:
        """Processor time of all its processes until now."""
        return sum(_ticks(pid) for pid in _family(self.pid)) / TICKS

    def ask(self, payload: Payload) -> tuple[int, bytes]:
        """Status and body of one prediction; 0 and the reason if there is no answer."""
        headers = {"Content-Type": payload.content_type, "Accept": payload.accept}
        try:
            return request(self.port, "POST", self.peer.invocations, payload.body, headers)
        except (OSError, http.client.HTTPException) as reason:
            return 0, repr(reason).encode()


@contextlib.contextmanager
def running(peer: Peer, *, base: Path, model: str, core: int, workers: int = 1) -> Iterator[Running]:
    """Start it on one core, wait until it is ready, and end it.

    Raises:
        ServerError: It ended by itself, or is not ready in time.
    """
    ports = _free_ports()
    with tempfile.TemporaryDirectory(prefix=f"{peer.name}-") as run, tempfile.TemporaryFile() as log:
        values = {
            "bin": str(bin_of(peer)),
            "peer": str(peer.folder),
            "peers": str(PEERS),
            "program": str(peer.program),
            "base": str(base),
            "run": run,
            "model": model,
            "workers": str(workers),
            "PATH": os.environ["PATH"],
            **ports,
        }
        environment = {name: value.format_map(values) for name, value in peer.environment.items()}
        settings = {"SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
        began = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *(part.format_map(values) for part in peer.command)],
            env={**os.environ, **settings, **environment},
            cwd=run,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait_for(process, int(ports["port"]), peer)
            yield Running(peer=peer, port=int(ports["port"]), pid=process.pid, ready_seconds=time.monotonic() - began)
        except ServerError as reason:
            log.seek(0)
            reason.add_note(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            _end(process)


def request(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own.

    Raises:
        OSError: Nobody listens.
        http.client.HTTPException: The answer is no HTTP.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _wait_for(process: subprocess.Popen[bytes], port: int, peer: Peer) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _healthy(port, peer.ping):
        if process.poll() is not None or time.monotonic() > until:
            raise ServerError(f"{peer.name} is not ready")
        time.sleep(0.005)


def _healthy(port: int, path: str) -> bool:
    try:
        return request(port, "GET", path)[0] == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def _free_ports() -> dict[str, str]:
    with contextlib.ExitStack() as stack:
        free: list[int] = []
        for port in random.sample(PORTS, len(PORTS)):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                free.append(port)
            if len(free) == len(NAMES):
                break
        return dict(zip(NAMES, map(str, free), strict=True))


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found = [pid]
    for parent in found:
        found += parents.get(parent, [])
    return found


def _proportional_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        return sum(
            map(int, re.findall(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
        )
    return 0


def _ticks(pid: int) -> int:
    with contextlib.suppress(OSError):
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    family = _family(process.pid)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    for pid in family:  # whatever its first process left behind
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
