"""wrk, and what it found."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.payload import Payload
from benchmarks.serving.process import Running, ServerError

SCRIPT = Path(__file__).parent / "wrk.lua"


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One payload from some connections, for some seconds.

    Attributes:
        rate: Requests per second.
        p50: Milliseconds.
        p99: Milliseconds.
        busy: Processor seconds of the server per second. With many connections, less than 1 means that the machine
            was busy with other work.
    """

    rate: float
    p50: float
    p99: float
    busy: float

    @property
    def per_cpu_second(self) -> float:
        """Requests per processor second of the server: what it costs, however busy the machine is."""
        return self.rate / self.busy


def measure(server: Running, payload: Payload, *, connections: int, seconds: float, core: int) -> Measurement:
    """Ask for a while.

    Raises:
        ServerError: An answer was not 200, or not the right one.
    """
    with tempfile.TemporaryDirectory() as name:
        body, expected = Path(name) / "body", Path(name) / "expected"
        body.write_bytes(payload.body)
        expected.write_bytes(payload.expected)
        command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "10s"]
        command += ["-s", str(SCRIPT), f"http://127.0.0.1:{server.port}{server.peer.invocations}", "--"]
        command += [str(body), payload.content_type, payload.accept, str(expected)]
        command += ["ids"] if payload.identified else []
        before = server.cpu_seconds()
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        spent = server.cpu_seconds() - before
    found = re.search(r"^measured (.*?) first=(.*)", told, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ServerError(f"wrk said:\n{told}")
    values = {name: int(value) for name, _, value in (part.partition("=") for part in found[1].split())}
    if values["wrong"] or values["errors"] or not values["requests"]:
        counts = ", ".join(f"{name} {values[name]}" for name in ("requests", "wrong", "errors"))
        what = f"{payload.name}, {connections} connections"
        raise ServerError(f"{what}: {counts}, one answer was {found[2].strip()!r}")
    wall = values["us"] / 1e6
    return Measurement(
        rate=values["requests"] / wall, p50=values["p50"] / 1000, p99=values["p99"] / 1000, busy=spent / wall
    )
