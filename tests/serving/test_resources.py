"""What is promised when something runs out or is broken: disk, memory, descriptors, model files."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from waiting import PATIENCE_IN_SECONDS, until

IRIS = Path(__file__).parents[2] / "models" / "iris"
MIB = 1024 * 1024

SUMS = """
import logging

BATCHABLE = True

def model_fn(model_dir):
    return 10

def predict_fn(rows, model):
    if (rows == 13).any():
        raise ValueError("thirteen")
    if (rows == 14).any():
        logging.warning("fourteen")
    return rows.sum(axis=1) * model
"""

needs_linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full and prlimit are Linux's")


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST /invocations HTTP/1.1", b"Host: a", b"Content-Type: text/csv", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def ready(start: Any, inference: str | None = SUMS, **env: str) -> Any:
    server = start(inference, **env)
    server.wait_for_ping(200)
    return server


def memory(server: Any) -> dict[int, int]:
    """Bytes in memory of each process."""
    pages = {
        process: int(Path(f"/proc/{process}/statm").read_text().split()[1])
        for process in (server.process.pid, *server.workers())
    }
    return {process: count * resource.getpagesize() for process, count in pages.items()}


def descriptors(server: Any) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def exchange(server: Any, requests: list[bytes]) -> list[int]:
    """Send requests one after the other without waiting; the statuses of all replies."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_IN_SECONDS) as connection:
        sender = threading.Thread(target=connection.sendall, args=[b"".join(requests)])
        sender.start()
        received = b""
        while piece := connection.recv(MIB):
            received += piece
        sender.join()
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


@needs_linux
@pytest.mark.parametrize("style", ["json", "text"])
def test_a_log_that_cannot_be_written_fails_no_request(start: Any, tmp_path: Path, style: str) -> None:
    for name in ("log.txt", "stdout.txt"):
        (tmp_path / name).symlink_to("/dev/full")
    metrics = {"SERVING_METRICS": "prometheus,cloudwatch", "SERVING_METRICS_SECONDS": "1"}
    server = ready(start, SERVING_LOG_FORMAT=style, SERVING_LOG_REQUESTS="all", **metrics)
    answers = [server.invoke(body).status for body in (b"1,2", b"13,1", b"14,1", b"1,x", b"1,2")]
    assert answers == [200, 500, 200, 400, 200]
    assert server.stop() == 0


@needs_linux
def test_serving_writes_no_file(start: Any, tmp_path: Path) -> None:
    server = ready(start, TMPDIR=str(tmp_path))
    before = sorted(path for path in tmp_path.rglob("*") if path.name not in ("log.txt", "stdout.txt"))
    assert set(exchange(server, [post(b"1,2")] * 500 + [post(b"1,2", b"Connection: close")])) == {200}
    assert sorted(path for path in tmp_path.rglob("*") if path.name not in ("log.txt", "stdout.txt")) == before


@needs_linux
def test_training_fails_with_1_where_the_reason_cannot_be_written(train: Any, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(
        "def train(job):\n    with (job.model_dir / 'model').open('w') as file:\n        file.write('weights')\n"
    )
    for name in ("model/model", "output/failure"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).symlink_to("/dev/full")
    process = train()
    _, log = process.communicate()
    assert process.returncode == 1
    assert "OSError: [Errno 28] No space left on device" in log
    assert "the reason of the failure could not be written" in log


def broken(content: bytes) -> list[bytes]:
    return [b"", content[: len(content) // 2], b"\0" * len(content), b"not a model", content[:-1]]


@pytest.mark.parametrize("number", range(5))
def test_fails_with_500_for_a_model_file_that_is_broken(start: Any, tmp_path: Path, number: int) -> None:
    shutil.copytree(IRIS / "model", tmp_path / "model")
    shutil.copytree(IRIS / "code", tmp_path / "model" / "code")
    file = tmp_path / "model" / "model.joblib"
    file.write_bytes(broken(file.read_bytes())[number])
    server = start()
    server.wait_for_ping(500)
    assert server.invoke(b"5.1,3.5,1.4,0.2").status == 500
    assert "model could not be loaded" in server.log
    assert 'code/inference.py", line' in server.log
    assert server.stop() == 0


@needs_linux
def test_memory_does_not_grow_with_the_number_of_requests(start: Any) -> None:
    server = ready(start, SERVING_METRICS="prometheus", SERVING_LOG_LEVEL="ERROR")

    def many(number: int) -> list[int]:
        bodies = [b"1,2", b"1,2\n" * 200, b"1,x", b"3,4\n" * 20]
        requests = [
            post(bodies[each % 4], b"X-Amzn-SageMaker-Inference-Id: %d-%d" % (number, each)) for each in range(1000)
        ]
        return exchange(server, [*requests, post(b"1,2", b"Connection: close")])

    for number in range(2):
        many(number)
    before = memory(server)
    for number in range(2, 12):
        statuses = many(number)
        assert (statuses.count(200), statuses.count(400)) == (751, 250)
    after = memory(server)
    assert after.keys() == before.keys()
    assert max(after[process] - before[process] for process in after) < 16 * MIB


@needs_linux
def test_the_largest_bodies_are_let_go_of(start: Any) -> None:
    server = ready(start)
    body = b"x" * 6_000_000
    assert server.invoke(b"1,2").status == 200
    before = memory(server)[server.process.pid]
    for _ in range(20):
        assert server.invoke(body).status == 400
    assert memory(server)[server.process.pid] - before < 64 * MIB


@needs_linux
def test_connections_wait_while_there_are_no_descriptors_for_them(start: Any) -> None:
    server = ready(start)
    used = descriptors(server)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 20, used + 20))
    with contextlib.ExitStack() as opened:
        for _ in range(100):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_IN_SECONDS))
        until(lambda: 'connections wait error="Too many open files"' in server.log)
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        until(lambda: "worker died and is replaced" in server.log)
    server.wait_for_ping(200)
    assert server.invoke(b"1,2").status == 200
    assert server.stop() == 0


class Vanishing(threading.Thread):
    """A client that breaks its connection off in every state that a request can be in."""

    def __init__(self, server: Any) -> None:
        super().__init__(daemon=True)
        self._port = server.port
        self.stopped = threading.Event()
        self.connections = 0
        self.start()

    def run(self) -> None:
        request = post(b"1,2\n" * 100)
        while not self.stopped.is_set():
            with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_IN_SECONDS) as connection:
                # Without lingering, close sends RST.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall((request * 5)[: self.connections * 37 % (5 * len(request)) + 1])
            self.connections += 1


@needs_linux
def test_clients_that_vanish_under_load_harm_no_other(start: Any) -> None:
    server = ready(start, SERVING_METRICS="prometheus", SAGEMAKER_MODEL_SERVER_WORKERS="2")
    vanishing = [Vanishing(server) for _ in range(4)]
    statuses: list[int] = []
    while min(each.connections for each in vanishing) < 300:
        statuses += exchange(server, [post(b"1,2")] * 50 + [post(b"1,2", b"Connection: close")])
    for each in vanishing:
        each.stopped.set()
        each.join()
    assert set(statuses) == {200}
    assert "worker died" not in server.log

    def gauges() -> dict[str, str]:
        text = server.request("GET", "/metrics").text
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    until(lambda: (gauges()["serving_queue_length"], gauges()["serving_in_flight_requests"]) == ("0", "0"))
    assert descriptors(server) < 40


def test_workers_killed_again_and_again_lose_no_batch(start: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    stopped = threading.Event()
    statuses: list[int] = []
    replies: list[str] = []

    def ask() -> None:
        while not stopped.is_set():
            statuses.extend(exchange(server, [post(b"1,2")] * 200 + [post(b"1,2", b"Connection: close")]))
            replies.append(server.invoke(b"2,3").text)

    load = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for each in load:
        each.start()
    for kills in range(1, 4):
        wanted = len(statuses) + 1000
        while len(statuses) < wanted:
            time.sleep(0.02)
        os.kill(min(server.workers()), signal.SIGKILL)
        while server.log.count("model loaded") < 2 + kills:
            time.sleep(0.02)
    stopped.set()
    for each in load:
        each.join()
    assert len(statuses) % 201 == 0
    assert set(statuses) <= {200, 500}
    assert statuses.count(500) + sum(reply != "[50.0]" for reply in replies) <= 3
