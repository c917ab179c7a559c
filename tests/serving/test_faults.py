"""What is promised when things break, each against the real program."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from waiting import PATIENCE_IN_SECONDS, ready, until

if TYPE_CHECKING:
    from collections.abc import Iterator

SUMS = """
BATCHABLE = True

def model_fn(model_dir):
    return 10

def predict_fn(rows, model):
    if (rows == 13).any():
        raise ValueError("thirteen")
    return rows.sum(axis=1) * model
"""

INFERENCE = SUMS
ENVIRONMENT = {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "1"}

MISBEHAVES = """
import os
import re
import time
from pathlib import Path

def model_fn(model_dir):
    return Path(model_dir)

def predict_fn(rows, model):
    what = rows[0, 0]
    if what == 1:
        os._exit(7)
    if what == 2:
        time.sleep(600)
    if what == 3:
        (model / "started").touch()
        while not (model / "go").exists():
            time.sleep(0.01)
    if what == 4:
        with (model / "calls").open("a") as calls:
            calls.write("x")
    return rows
"""


class Wire:
    """A connection that sends exactly the bytes it is told to."""

    def __init__(self, server: Any) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_IN_SECONDS)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def rest(self) -> bytes:
        """All that comes until the server ends the connection."""
        received = b""
        with contextlib.suppress(ConnectionError):
            while piece := self.socket.recv(65536):
                received += piece
        return received

    def until(self, text: bytes) -> bytes:
        received = b""
        while text not in received:
            piece = self.socket.recv(65536)
            assert piece, received
            received += piece
        return received


@pytest.fixture
def wire() -> Iterator[Any]:
    opened: list[Wire] = []

    def _wire(server: Any) -> Wire:
        opened.append(Wire(server))
        return opened[-1]

    yield _wire
    for each in opened:
        each.socket.close()


class Load(threading.Thread):
    """A client that asks on one connection after the other, until it is told to stop or the server is gone."""

    def __init__(self, server: Any, number: int) -> None:
        super().__init__(daemon=True)
        self._port = server.port
        self._body = b"%d,5\n" % (100 + number)
        self._right = [[100.0 + number, 5.0]]
        self.stopped = threading.Event()
        self.statuses: list[int] = []
        self.wrong: list[bytes] = []
        self.lost = 0
        self.start()

    def run(self) -> None:
        while not self.stopped.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_IN_SECONDS)
            try:
                connection.connect()
            except ConnectionError:
                return
            with contextlib.closing(connection):
                try:
                    self._ask(connection)
                except (ConnectionError, http.client.HTTPException):
                    self.lost += 1

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        while not self.stopped.is_set():
            connection.request("POST", "/invocations", self._body, {"Content-Type": "text/csv"})
            response = connection.getresponse()
            body = response.read()
            self.statuses.append(response.status)
            if response.status == 200 and json.loads(body) != self._right:
                self.wrong.append(body)
            if response.will_close:
                return


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST /invocations HTTP/1.1", b"Host: a", b"Content-Type: text/csv", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def statuses(replies: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d) ", replies)]


def test_requests_that_wait_together_are_answered_each_with_its_own_rows(start: Any, wire: Any) -> None:
    connection = wire(ready(start, SUMS))
    connection.send(
        b"".join(post(b"%d,1\n%d,2\n" % (n, n)) for n in range(100, 140)) + post(b"0,0", b"Connection: close")
    )
    answers = [part.partition(b"\r\n\r\n")[2] for part in connection.rest().split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert [json.loads(answer) for answer in answers] == [
        *([(n + 1) * 10.0, (n + 2) * 10.0] for n in range(100, 140)),
        [0.0],
    ]


def test_a_bad_request_fails_alone_among_those_that_wait_with_it(start: Any, wire: Any) -> None:
    connection = wire(ready(start, SUMS))
    bodies = [b"1,2", b"1,x", b"13,1", b"1,2,3", b"2,2"]
    connection.send(b"".join(map(post, bodies)) + post(b"5,5", b"Connection: close"))
    statuses = [int(part[:3]) for part in connection.rest().split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 400, 500, 200, 200, 200]


def test_a_worker_that_is_killed_under_load_takes_no_request_but_its_own_with_it(start: Any) -> None:
    server = ready(start, MISBEHAVES, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    load = [Load(server, number) for number in range(8)]
    until(lambda: sum(len(each.statuses) for each in load) > 200)
    os.kill(min(server.workers()), signal.SIGKILL)
    until(lambda: "worker died and is replaced" in server.log)
    before = sum(len(each.statuses) for each in load)
    until(lambda: sum(len(each.statuses) for each in load) > before + 200)
    for each in load:
        each.stopped.set()
        each.join()
    statuses = [status for each in load for status in each.statuses]
    assert statuses.count(500) <= 1
    assert set(statuses) <= {200, 500}
    assert not any(each.lost or each.wrong for each in load)


def test_fails_with_500_for_the_request_whose_worker_died_and_goes_on(start: Any) -> None:
    server = ready(start, MISBEHAVES)
    answer = server.invoke(b"1,1")
    assert answer.status == 500
    assert answer.text == "The worker died while it answered this request; the container's log says how."
    server.wait_for_ping(200)
    assert server.invoke(b"5,5").status == 200
    assert 'worker died and is replaced worker=0 exit="code 7"' in server.log


def test_a_request_that_kills_its_worker_takes_none_of_its_batch_with_it(start: Any, wire: Any) -> None:
    server = ready(start, "BATCHABLE = True\n" + MISBEHAVES.replace("rows[0, 0]", "1 if 1 in rows[:, 0] else 0"))
    connection = wire(server)
    connection.send(b"".join(map(post, [b"5,5", b"1,1", b"6,6"])) + post(b"7,7", b"Connection: close"))
    statuses = [int(part[:3]) for part in connection.rest().split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 500, 200, 200]


def test_fails_with_504_for_a_prediction_that_hangs_while_others_are_answered(start: Any, wire: Any) -> None:
    server = ready(start, MISBEHAVES, SAGEMAKER_MODEL_SERVER_TIMEOUT="1", SAGEMAKER_MODEL_SERVER_WORKERS="2")
    hanging = wire(server)
    hanging.send(post(b"2,2", b"Connection: close"))
    assert all(server.invoke(b"5,5").status == 200 for _ in range(20))
    answer = hanging.rest()
    assert answer.startswith(b"HTTP/1.1 504 Gateway Timeout\r\n")
    assert answer.endswith(b"The prediction took longer than 1 s and was ended.")
    assert "prediction takes too long, its worker is killed" in server.log
    until(lambda: server.log.count("model loaded") == 3)


def test_fails_with_503_and_retry_after_beyond_the_longest_queue(start: Any, wire: Any) -> None:
    server = ready(start, MISBEHAVES, SERVING_MAX_QUEUE="1")
    running, waiting = wire(server), wire(server)
    running.send(post(b"3,3", b"Connection: close"))
    until((server.base / "model" / "started").exists)
    waiting.send(post(b"5,5", b"Connection: close"))
    refused = wire(server)
    refused.send(post(b"5,5", b"Connection: close"))
    first = refused.rest()
    (server.base / "model" / "go").touch()
    assert first.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nretry-after: 1\r\n" in first
    assert running.rest().startswith(b"HTTP/1.1 200")
    assert waiting.rest().startswith(b"HTTP/1.1 200")
    until(lambda: "requests refused, the queue is full requests=1 queue=1" in server.log)


def test_clients_that_vanish_cost_no_prediction(start: Any, wire: Any) -> None:
    server = ready(start, MISBEHAVES)
    running = wire(server)
    running.send(post(b"3,3", b"Connection: close"))
    until((server.base / "model" / "started").exists)
    for _ in range(20):
        vanishing = Wire(server)
        vanishing.send(post(b"4,4"))
        vanishing.socket.close()
    for _ in range(10):  # what was sent before is read before
        assert server.ping() == 200
    (server.base / "model" / "go").touch()
    assert running.rest().startswith(b"HTTP/1.1 200")
    assert server.invoke(b"4,4").status == 200
    assert (server.base / "model" / "calls").read_text() == "x"


def test_slow_senders_lose_their_connection_while_others_are_answered(start: Any, wire: Any) -> None:
    server = ready(start, SUMS, SERVING_CLIENT_TIMEOUT="1")
    slow_head, slow_body, silent = wire(server), wire(server), wire(server)
    slow_head.send(b"POST /invocations HTTP/1.1\r\nHost:")
    slow_body.send(post(b"1,2,3")[:-2])
    assert server.invoke(b"1,2").status == 200
    assert slow_head.rest().startswith(b"HTTP/1.1 408 ")
    assert slow_body.rest().startswith(b"HTTP/1.1 408 ")
    silent.send(post(b"1,2", b"Connection: close"))
    assert silent.rest().startswith(b"HTTP/1.1 200 ")


def test_a_request_may_come_byte_by_byte(start: Any, wire: Any) -> None:
    connection = wire(ready(start, SUMS))
    for byte in post(b"1,2", b"Connection: close"):
        connection.send(bytes([byte]))
    assert connection.rest().endswith(b"[30.0]")


HEAD = b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\n"
SMUGGLED = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n1,2,",
        HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\n1,2",
        HEAD + b"Content-Length: 3, 3\r\n\r\n1,2",
        HEAD + b"Content-Length: +3\r\n\r\n1,2",
        HEAD + b"Content-Length: 0x3\r\n\r\n1,2",
        HEAD + b"Content-Length: -3\r\n\r\n1,2",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\r\n Content-Length: 3\r\n\r\n1,2",
        HEAD + b"X: a\rContent-Length: 3\r\n\r\n1,2",
        HEAD + b"X: a\0b\r\nContent-Length: 3\r\n\r\n1,2",
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\n1,2\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n1,2\r\n0\r\n\r\n",
        HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 3\n\n1,2",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
    ],
)
def test_fails_with_one_400_for_what_two_readers_may_read_differently(
    server: Any, wire: Any, request_bytes: bytes
) -> None:
    connection = wire(server)
    connection.send(request_bytes + SMUGGLED)
    answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert statuses(answer) == [400]
    assert b"\r\nconnection: close\r\n" in answer
    after_others = wire(server)
    for _ in range(2):
        after_others.send(post(b"1,2"))
        after_others.until(b"[30.0]")
    after_others.send(request_bytes + SMUGGLED)
    assert statuses(after_others.rest()) == [400]


def test_a_request_like_the_one_before_is_answered_however_it_comes(server: Any, wire: Any) -> None:
    connection = wire(server)
    for row, answer in ((b"1,2", b"[30.0]"), (b"2,2", b"[40.0]"), (b"2,3", b"[50.0]")):
        connection.send(post(row))
        assert connection.until(b"]").endswith(answer)
    connection.send(post(b"3,3")[:-1])
    connection.send(b"4")
    assert connection.until(b"]").endswith(b"[70.0]")
    connection.send(post(b"4,4") + post(b"4,5"))
    assert connection.until(b"[90.0]").index(b"[80.0]") > 0
    connection.send(post(b"5,5", b"Connection: close"))
    with contextlib.suppress(ConnectionError):
        connection.send(post(b"1,2"))
    assert statuses(connection.rest()) == [200]


def test_fails_with_505_for_another_version(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(b"GET /ping HTTP/2.0\r\n\r\n")
    assert connection.rest().startswith(b"HTTP/1.1 505 ")


def test_fails_with_431_for_a_head_beyond_the_limit(server: Any, wire: Any) -> None:
    for head in (b"X: " + b"a" * 100_000, b"\r\n".join(b"X-%d: a" % n for n in range(20_000))):
        connection = wire(server)
        connection.send(b"GET /ping HTTP/1.1\r\n" + head + b"\r\n\r\n")
        assert connection.rest().startswith(b"HTTP/1.1 431 ")
    endless = wire(server)
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            endless.send(b"a" * 65536)
    assert server.ping() == 200


def test_fails_with_413_before_the_body_is_sent_when_the_client_asks(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(HEAD + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n")
    assert connection.rest().startswith(b"HTTP/1.1 413 ")


def test_a_client_that_asks_is_told_to_send_its_body(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(HEAD + b"Content-Length: 3\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n")
    assert connection.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"1,2")
    assert connection.rest().endswith(b"[30.0]")


def test_replies_to_pipelined_requests_come_in_their_order(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(post(b"1,2") + SMUGGLED + post(b"1,x") + b"GET /nowhere HTTP/1.1\r\n\r\n" + post(b"3,4") * 200)
    connection.send(post(b"2,2", b"Connection: close"))
    assert statuses(connection.rest()) == [200, 200, 400, 404, *[200] * 201]


def test_a_chunked_body_with_extensions_and_trailers_is_read(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.send(b"1;a=b\r\n1\r\n2\r\n,2\r\n0\r\nContent-Type: image/png\r\n\r\n")
    assert connection.rest().endswith(b"[30.0]")


@pytest.mark.parametrize("trailer", [b"X: " + b"a" * 200_000, b"\r\n".join(b"X-%d: a" % n for n in range(20_000))])
def test_fails_with_431_for_trailers_beyond_the_limit_of_a_head(server: Any, wire: Any, trailer: bytes) -> None:
    connection = wire(server)
    connection.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n1,2\r\n0\r\n")
    with contextlib.suppress(ConnectionError):
        for start in range(0, len(trailer), 1000):
            connection.send(trailer[start : start + 1000])
    assert connection.rest().startswith(b"HTTP/1.1 431 ")


def test_http_1_0_is_answered_and_ends_unless_it_asks_to_stay(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(b"GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"connection: keep-alive" in connection.until(b"\r\n\r\n")
    connection.send(b"GET /ping HTTP/1.0\r\n\r\n")
    assert connection.rest().startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_wants_another_protocol_is_answered_in_http_1_1(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(b"GET /ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in answer


def test_a_reply_to_head_has_no_body(server: Any, wire: Any) -> None:
    connection = wire(server)
    connection.send(b"HEAD /ping HTTP/1.1\r\nConnection: close\r\n\r\n")
    answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.endswith(b"\r\n\r\n")


def test_sigterm_under_load_loses_no_accepted_request(start: Any) -> None:
    server = ready(start, MISBEHAVES, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    load = [Load(server, number) for number in range(8)]
    until(lambda: all(len(each.statuses) > 20 for each in load))
    assert server.stop() == 0
    for each in load:
        each.join()
    assert {status for each in load for status in each.statuses} == {200}
    assert not any(each.lost or each.wrong for each in load)
