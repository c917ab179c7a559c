"""Responses that are streamed, for every contract, and what is promised when things break in the middle."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from waiting import PATIENCE_IN_SECONDS, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INFERENCE = """
import os
import time
from pathlib import Path

def waits_for(path):
    while not path.exists():
        time.sleep(0.01)

class Model:
    def __init__(self, model_dir):
        self.folder = Path(model_dir)

    def predict(self, data, context):
        what = context.custom_attributes
        if what == "plain":
            return data
        return getattr(self, what.replace("-", "_"))(context), "text/event-stream"

    def three(self, context):
        context.set_custom_attributes("three of them")
        yield "one"
        yield b""
        yield bytearray(b"two")
        yield "dreiß"

    def told(self, context):
        yield "first"
        waits_for(self.folder / "go")
        yield "second"

    def none(self, context):
        yield from ()

    def raises_first(self, context):
        raise ValueError("a secret")
        yield

    def raises_later(self, context):
        yield "some"
        raise ValueError("a secret")

    def yields_a_number(self, context):
        yield "some"
        yield 5

    def sets_a_header_too_late(self, context):
        yield "some"
        context.set_custom_attributes("late")

    def dies(self, context):
        yield "some"
        os._exit(7)

    def hangs(self, context):
        yield "some"
        (self.folder / "hanging").touch()
        time.sleep(600)

    def endless(self, context):
        try:
            while True:
                with (self.folder / "yielded").open("ab") as yielded:
                    yielded.write(b"x")
                yield b"x" * 65536
        finally:
            (self.folder / "closed").touch()

    def ticks(self, context):
        try:
            while True:
                time.sleep(0.05)
                yield "tick"
        finally:
            (self.folder / "closed").touch()

    def large(self, context):
        yield b"x" * 5_000_000
"""


class Wire:
    """A connection that sends exactly the bytes it is told to."""

    def __init__(self, server: Any, *, receive_bytes: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_IN_SECONDS)
        self.socket.connect(("127.0.0.1", server.port))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def until(self, text: bytes) -> bytes:
        received = b""
        while text not in received:
            piece = self.socket.recv(65536)
            assert piece, received
            received += piece
        return received

    def rest(self) -> bytes:
        received = b""
        with contextlib.suppress(ConnectionError):
            while piece := self.socket.recv(65536):
                received += piece
        return received


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    opened: list[Wire] = []

    def _wire(server: Any, **options: Any) -> Wire:
        opened.append(Wire(server, **options))
        return opened[-1]

    yield _wire
    for each in opened:
        each.socket.close()


def post(what: str, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST /invocations HTTP/{version}", "Content-Type: text/csv", "Content-Length: 3", *headers]
    return "\r\n".join([*lines, f"X-Amzn-SageMaker-Custom-Attributes: {what}", "", ""]).encode() + b"1,2"


def ready(start: Any, inference: str = INFERENCE, **env: str) -> Any:
    server = start(inference, **env)
    server.wait_for_ping(200)
    return server


def ask(server: Any, what: str) -> Any:
    return server.invoke(X_Amzn_SageMaker_Custom_Attributes=what)


def memory_mib(pid: int) -> float:
    told = re.findall(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, told)) / 1024


def test_parts_are_chunks_with_the_headers_that_were_set_before_the_first(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(post("three", "Connection: close"))
    head, _, body = connection.rest().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ncontent-type: text/event-stream\r\n" in head
    assert b"\r\nx-amzn-sagemaker-custom-attributes: three of them\r\n" in head
    assert b"\r\ntransfer-encoding: chunked" in head
    assert b"content-length" not in head
    assert body == b"3\r\none\r\n3\r\ntwo\r\n6\r\ndrei\xc3\x9f\r\n0\r\n\r\n"


def test_a_part_is_sent_as_soon_as_it_is_yielded(start: Any, wire: Any) -> None:
    server = ready(start)
    connection = wire(server)
    connection.send(post("told", "Connection: close"))
    assert connection.until(b"first").endswith(b"\r\n\r\n5\r\nfirst\r\n")
    (server.base / "model" / "go").touch()
    assert connection.rest().endswith(b"6\r\nsecond\r\n0\r\n\r\n")


def test_a_connection_is_used_again_after_a_stream(server: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_IN_SECONDS)
    with contextlib.closing(connection):
        for _ in range(3):
            headers = {"X-Amzn-SageMaker-Custom-Attributes": "three", "Content-Type": "text/csv"}
            connection.request("POST", "/invocations", b"1,2", headers)
            assert connection.getresponse().read() == b"onetwodrei\xc3\x9f"


def test_http_1_0_gets_the_parts_until_the_connection_ends(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(post("three", "Connection: keep-alive", version="1.0"))
    head, _, body = connection.rest().partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert b"\r\nconnection: close" in head
    assert body == b"onetwodrei\xc3\x9f"


def test_a_stream_without_parts_has_an_empty_body(server: Any) -> None:
    answer = ask(server, "none")
    assert (answer.status, answer.body) == (200, b"")


def test_a_part_of_any_size_arrives_complete(server: Any) -> None:
    assert ask(server, "large").body == b"x" * 5_000_000


def test_streams_and_other_replies_keep_the_order_of_pipelined_requests(start: Any, wire: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    connection = wire(server)
    connection.send(post("told") + post("plain") + post("three") + post("plain", "Connection: close"))
    assert connection.until(b"first").count(b"HTTP/1.1 200 OK\r\n") == 1
    (server.base / "model" / "go").touch()
    bodies = [part.partition(b"\r\n\r\n")[2] for part in connection.rest().split(b"HTTP/1.1 200 OK\r\n")]
    assert bodies[1:] == [b"[[1.0,2.0]]", b"3\r\none\r\n3\r\ntwo\r\n6\r\ndrei\xc3\x9f\r\n0\r\n\r\n", b"[[1.0,2.0]]"]


def test_fails_with_500_when_nothing_was_yielded_yet(server: Any) -> None:
    answer = ask(server, "raises-first")
    assert answer.status == 500
    assert answer.text == "predict raised ValueError; the traceback is in the container's log."


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raises-later", "ValueError: a secret"),
        ("yields-a-number", "predict yielded a int; yield str or bytes."),
        ("sets-a-header-too-late", "Custom-Attributes must be set before the first part is yielded"),
    ],
)
def test_fails_after_the_first_part_by_ending_without_the_last_chunk(
    server: Any, wire: Any, what: str, message: str
) -> None:
    connection = wire(server)
    connection.send(post(what))
    assert connection.rest().endswith(b"\r\n4\r\nsome\r\n")
    assert "stream ended before its last part request_id=" in server.log
    assert message in server.log
    assert ask(server, "three").status == 200


def test_fails_by_ending_the_stream_whose_worker_died_and_goes_on(start: Any, wire: Any) -> None:
    server = ready(start)
    connection = wire(server)
    connection.send(post("dies"))
    assert connection.rest().endswith(b"\r\n4\r\nsome\r\n")
    server.wait_for_ping(200)
    assert ask(server, "three").status == 200


def test_fails_by_ending_the_stream_whose_next_part_takes_too_long(start: Any, wire: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    connection = wire(server)
    connection.send(post("hangs"))
    assert connection.rest().endswith(b"\r\n4\r\nsome\r\n")
    assert "prediction takes too long, its worker is killed" in server.log
    server.wait_for_ping(200)
    assert ask(server, "three").status == 200


def test_fails_by_ending_a_stream_that_takes_longer_than_its_limit(start: Any, wire: Any) -> None:
    server = ready(start, SERVING_STREAM_TIMEOUT="1")
    connection = wire(server)
    before = server.workers()
    connection.send(post("ticks"))
    assert not connection.rest().endswith(b"0\r\n\r\n")
    assert re.search("stream takes too long and is ended request_id=[0-9a-f]{16} seconds=1", server.log)
    until((server.base / "model" / "closed").exists)
    assert ask(server, "three").status == 200
    assert server.workers() == before


def test_a_generator_is_closed_when_its_client_leaves(start: Any, wire: Any) -> None:
    server = ready(start)
    before = server.workers()
    connection = wire(server)
    connection.send(post("ticks"))
    connection.until(b"tick")
    connection.socket.close()
    until((server.base / "model" / "closed").exists)
    assert ask(server, "three").body == b"onetwodrei\xc3\x9f"
    assert server.workers() == before


def test_a_generator_is_closed_when_its_client_leaves_without_having_read(start: Any, wire: Any) -> None:
    server = ready(start)
    connection = wire(server, receive_bytes=4096)
    connection.send(post("endless"))
    yielded = server.base / "model" / "yielded"
    until(lambda: yielded.exists() and settled(yielded))
    connection.socket.close()
    until((server.base / "model" / "closed").exists)
    assert ask(server, "three").status == 200


def settled(path: Path) -> bool:
    before = path.stat().st_size
    time.sleep(0.3)
    return path.stat().st_size == before


def test_a_client_that_does_not_read_stops_the_generator_and_costs_no_memory(start: Any, wire: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="2", SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    before = memory_mib(server.process.pid)
    connection = wire(server, receive_bytes=4096)
    connection.send(post("endless"))
    yielded = server.base / "model" / "yielded"
    until(lambda: yielded.exists() and settled(yielded))
    assert ask(server, "three").status == 200
    time.sleep(2)  # longer than a part may take: waiting for the client is not the generator's fault
    assert memory_mib(server.process.pid) < before + 16
    parts = yielded.stat().st_size
    for _ in range(400):
        assert connection.socket.recv(65536)
    until(lambda: yielded.stat().st_size > parts)
    assert "takes too long" not in server.log


def test_sigterm_lets_a_stream_finish(start: Any, wire: Any) -> None:
    server = ready(start)
    connection = wire(server)
    connection.send(post("told"))
    connection.until(b"first")
    server.process.send_signal(signal.SIGTERM)
    server.wait_until_refused()
    (server.base / "model" / "go").touch()
    assert connection.rest().endswith(b"6\r\nsecond\r\n0\r\n\r\n")
    assert server.process.wait(PATIENCE_IN_SECONDS) == 0


FOUR = """
import json

def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    for row in rows:
        yield {"sum": float(row.sum())}

def output_fn(prediction, accept, context):
    context.set_custom_attributes("streamed")
    for each in prediction:
        yield json.dumps(each) + "\\n"
"""

PREDICT_ALONE = """
def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    yield from (f"{row.sum()}\\n" for row in rows)
"""

TRANSFORM = """
def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept):
    return (character for character in body), "text/plain"
"""

NEO = """
def neo_preprocess(payload, content_type):
    return payload

def neo_postprocess(result):
    yield from (bytes([byte]) for byte in result)
"""

DLR_STAND_IN = """
class DLRModel:
    def __init__(self, model_path, dev_type):
        pass

    def run(self, data):
        return data
"""


def test_output_fn_streams_what_predict_fn_yields(start: Any) -> None:
    answer = ready(start, FOUR).invoke(b"1,2\n3,4\n", accept="application/jsonlines")
    assert [json.loads(line) for line in answer.body.splitlines()] == [{"sum": 3.0}, {"sum": 7.0}]
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-type"] == "application/jsonlines"
    assert answer.headers["x-amzn-sagemaker-custom-attributes"] == "streamed"


def test_predict_fn_streams_without_an_output_fn(start: Any) -> None:
    answer = ready(start, PREDICT_ALONE).invoke(b"1,2\n3,4\n", accept="text/plain")
    assert (answer.text, answer.headers["content-type"]) == ("3.0\n7.0\n", "text/plain")


def test_transform_fn_streams_an_iterator_that_it_returns(start: Any) -> None:
    answer = ready(start, TRANSFORM).invoke(b"abc")
    assert (answer.text, answer.headers["content-type"]) == ("abc", "text/plain")
    assert answer.headers["transfer-encoding"] == "chunked"


def test_neo_postprocess_streams_what_it_yields(start: Any, tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "code" / "dlr.py").write_text(DLR_STAND_IN)
    answer = ready(start, NEO).invoke(b"abc")
    assert (answer.text, answer.headers["transfer-encoding"]) == ("abc", "chunked")


BATCHED = """
BATCHABLE = True

def model_fn(model_dir):
    return None

def predict_fn(rows, model):
    return rows.sum(axis=1)

def output_fn(prediction, accept):
    if prediction[0] == 13:
        return iter([b"thir", b"teen"])
    return str(prediction[0])
"""


def test_a_stream_among_requests_that_wait_together_leaves_the_others_as_they_are(start: Any, wire: Any) -> None:
    connection = wire(ready(start, BATCHED))
    bodies = [b"1,2", b"9,4", b"9,4", b"3,4"]
    lines = b"POST /invocations HTTP/1.1\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n"
    last = b"Connection: close\r\n"
    connection.send(b"".join(lines + b"\r\n" + body for body in bodies) + lines + last + b"\r\n5,5")
    answers = [part.partition(b"\r\n\r\n")[2] for part in connection.rest().split(b"HTTP/1.1 200 OK\r\n")[1:]]
    streamed = b"4\r\nthir\r\n4\r\nteen\r\n0\r\n\r\n"
    assert answers == [b"3.0", streamed, streamed, b"7.0", b"10.0"]


@pytest.mark.parametrize(
    ("inference", "message"),
    [
        ("BATCHABLE = True\ndef model_fn(d): ...\ndef predict_fn(d, m):\n    yield", "predict_fn yields."),
        (
            "BATCHABLE = True\ndef model_fn(d): return d\ndef predict_fn(d, m): ...\ndef output_fn(p, a):\n    yield",
            "output_fn yields.",
        ),
        (
            "class Model:\n  batchable = True\n  def __init__(self, d): ...\n  def predict(self, d):\n    yield",
            "a batchable Model needs a predict that returns; it yields.",
        ),
        ("def model_fn(d): ...\nasync def predict_fn(d, m):\n    yield", "predict_fn is declared with async def"),
    ],
)
def test_fails_for_a_generator_that_cannot_be_served(start: Any, inference: str, message: str) -> None:
    server = start(inference)
    server.wait_for_ping(500)
    assert message in server.log


def test_a_worker_that_is_killed_in_a_stream_ends_that_stream_only(start: Any, wire: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    one, other = wire(server), wire(server)
    workers = server.workers()
    one.send(post("told", "Connection: close"))
    one.until(b"first")
    other.send(post("told", "Connection: close"))
    other.until(b"first")
    os.kill(min(workers), signal.SIGKILL)
    until(lambda: "worker died and is replaced" in server.log)
    (server.base / "model" / "go").touch()
    rests = [each.rest() for each in (one, other)]
    assert sorted(rests) == [b"", b"6\r\nsecond\r\n0\r\n\r\n"]


def test_a_generator_that_hangs_after_its_client_left_loses_its_worker(start: Any, wire: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    connection = wire(server)
    connection.send(post("hangs"))
    until((server.base / "model" / "hanging").exists)
    connection.socket.close()
    until(lambda: "prediction takes too long, its worker is killed" in server.log)
    server.wait_for_ping(200)
    until(lambda: ask(server, "three").status == 200)
