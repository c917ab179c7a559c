"""Requests per second of the container's program, against other revisions of itself.

    python benchmarks/serving/run.py [REVISION ...]

Every server in turn has one worker and the iris model, on one core; wrk (Debian: apt-get install wrk) asks it from
another one. The servers take turns, round after round, so that a busy machine is busy for all of them. Run it with a
Python that has the requirements of all revisions. Prints medians, and each server relative to the first revision.
"""

import argparse
import contextlib
import io
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
ROW = "5.1,3.5,1.4,0.2\\n"
PAYLOADS = {"1 row": ROW, "100 rows": ROW * 100}
CONNECTIONS = (1, 8, 64)
WORKING_TREE = "working tree"


@dataclass(frozen=True)
class Measurement:
    """What wrk says: requests per second, and milliseconds."""

    rate: float
    p50: float
    p99: float


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description="Measures requests per second of the container's program.")
    parser.add_argument("revisions", nargs="*", help="revisions to compare the working tree with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        sys.exit("wrk and taskset are needed: apt-get install wrk util-linux")
    measured: dict[tuple[str, int, str], list[Measurement]] = defaultdict(list)
    started: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        base = laid_out(Path(name) / "ml")
        programs = {revision: program(revision, Path(name)) for revision in [*options.revisions, WORKING_TREE]}
        for _ in range(options.rounds):
            for revision, path in programs.items():
                with serving(path, base) as (port, seconds, process):
                    for payload, row in PAYLOADS.items():
                        for connections in CONNECTIONS:
                            measured[payload, connections, revision].append(
                                load(port, row, connections, options.seconds, Path(name) / "post.lua")
                            )
                    started[revision].append((seconds, memory_mib(process.pid)))
    report(measured, started, list(programs))


def report(
    measured: dict[tuple[str, int, str], list[Measurement]],
    started: dict[str, list[tuple[float, float]]],
    revisions: list[str],
) -> None:
    """Print the tables."""
    print("| payload | connections | server | requests/s | ratio | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|")
    for payload in PAYLOADS:
        for connections in CONNECTIONS:
            first = statistics.median(each.rate for each in measured[payload, connections, revisions[0]])
            for revision in revisions:
                all_of_it = measured[payload, connections, revision]
                rate, p50, p99 = (
                    statistics.median(getattr(each, name) for each in all_of_it) for name in ("rate", "p50", "p99")
                )
                ratio = f"{rate / first:.2f}"
                print(f"| {payload} | {connections} | {revision} | {rate:,.0f} | {ratio} | {p50:.2f} | {p99:.2f} |")
    print("\n| server | ready after s | memory MiB |\n|---|---|---|")
    for revision in revisions:
        seconds, memory = (statistics.median(values) for values in zip(*started[revision], strict=True))
        print(f"| {revision} | {seconds:.2f} | {memory:.0f} |")


def laid_out(base: Path) -> Path:
    """The iris model where SageMaker has it."""
    shutil.copytree(IRIS / "model", base / "model")
    shutil.copytree(IRIS / "code", base / "model" / "code")
    return base


def program(revision: str, folder: Path) -> Path:
    """The container's program of a revision."""
    if revision == WORKING_TREE:
        return ROOT / "container"
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", revision, "container"], capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder / revision, filter="data")
    return folder / revision / "container"


@contextlib.contextmanager
def serving(path: Path, base: Path) -> Iterator[tuple[int, float, subprocess.Popen[bytes]]]:
    """Run the program on the first core; its port, and how long it took to be ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    settings = {
        "PYTHONPATH": str(path),
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "OMP_NUM_THREADS": "1",
    }
    began = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["taskset", "-c", "0", sys.executable, "-m", "serving", "serve"],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stderr=log,
            cwd=base,
        )
        try:
            while not healthy(port):
                if process.poll() is not None:
                    log.seek(0)
                    sys.exit(f"the server ended:\n{log.read().decode()}")
                time.sleep(0.01)
            yield port, time.monotonic() - began, process
        finally:
            process.terminate()
            process.wait()


def healthy(port: int) -> bool:
    """Whether /ping answers 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping"):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def load(port: int, body: str, connections: int, seconds: int, script: Path) -> Measurement:
    """Ask for a while, and require that every answer is 200."""
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = "{body}"\n'
        'wrk.headers["Content-Type"] = "text/csv"\nwrk.headers["Accept"] = "text/csv"\n'
    )
    told = subprocess.run(
        [
            *("taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(script)),
            f"http://127.0.0.1:{port}/invocations",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(f"not every request was answered 200:\n{told}")
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])
    return Measurement(rate, milliseconds(told, "50%"), milliseconds(told, "99%"))


def milliseconds(told: str, percentile: str) -> float:
    """A latency of wrk's table."""
    value, unit = re.findall(rf"^\s+{percentile}\s+([\d.]+)(us|ms|s)$", told, re.MULTILINE)[0]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def memory_mib(pid: int) -> float:
    """Proportional memory of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = [Path(f"/proc/{process}/smaps_rollup").read_text() for process in [str(pid), *children]]
    return sum(int(re.findall(r"^Pss:\s+(\d+) kB", page, re.MULTILINE)[0]) for page in pages) / 1024


if __name__ == "__main__":
    main()
