"""Bidirectional streams: the WebSocket at /invocations-bidirectional-stream, frame by frame."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import signal
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from waiting import PATIENCE_IN_SECONDS, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH = "/invocations-bidirectional-stream"

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

INFERENCE = """
import os
import time
from pathlib import Path

from serving.errors import MalformedBodyError
from serving.part import Part

class Model:
    def __init__(self, model_dir):
        self.folder = Path(model_dir)

    def predict(self, data):
        if isinstance(data, bytes):
            (self.folder / "started").touch()
            while not (self.folder / "go").exists():
                time.sleep(0.01)
            return 1
        return data

    def stream(self, parts, context):
        yield f"hello {context.custom_attributes}"
        for part in parts:
            match part.data:
                case "close":
                    return
                case "raise":
                    raise ValueError("a secret")
                case "refuse":
                    raise MalformedBodyError("That is not served here.")
                case "die":
                    os._exit(7)
                case "hang":
                    time.sleep(600)
                case "pieces":
                    yield Part(data="a", complete=False)
                    yield Part(data="b", complete=False)
                    yield Part(data="c")
                case "mixed":
                    yield Part(data="a", complete=False)
                    yield b"b"
                case "number":
                    yield 5
                case "flood":
                    try:
                        while True:
                            with (self.folder / "yielded").open("ab") as yielded:
                                yielded.write(b"x")
                            yield b"x" * 65536
                    finally:
                        (self.folder / "closed").touch()
                case "tick":
                    try:
                        while True:
                            time.sleep(0.05)
                            yield "tick"
                    finally:
                        (self.folder / "closed").touch()
                case "slow":
                    (self.folder / "started").touch()
                    while not (self.folder / "go").exists():
                        time.sleep(0.01)
                case _:
                    yield f"{type(part.data).__name__} {len(part.data)} {part.complete}"
                    if isinstance(part.data, bytes):
                        yield part.data
        (self.folder / "ended").touch()
        yield "bye"
"""

LISTENS_LATE = """
import time
from pathlib import Path

class Model:
    def __init__(self, model_dir):
        self.folder = Path(model_dir)

    def predict(self, data):
        return data

    def stream(self, parts, context):
        yield "hello"
        while not (self.folder / "go").exists():
            time.sleep(0.01)
        said = [part.data for part in parts]
        (self.folder / "ended").write_text(str(said))
"""

ENVIRONMENT = {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "1", "SAGEMAKER_MODEL_SERVER_WORKERS": "2"}


class Client:
    """A WebSocket that sends exactly the frames it is told to."""

    def __init__(self, server: Any, *, receive_bytes: int | None = None, **headers: str | None) -> None:
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_IN_SECONDS)
        self.socket.connect(("127.0.0.1", server.port))
        self.key = base64.b64encode(os.urandom(16)).decode()
        sent: dict[str, str | None] = {
            "Host": "a",
            "Upgrade": "websocket",
            "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"GET {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value is not None)]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._received = b""
        while b"\r\n\r\n" not in self._received:
            piece = self.socket.recv(65536)
            assert piece, self._received
            self._received += piece
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        self.head = head.decode()
        self.status = int(self.head.split(" ")[1])

    def send(self, opcode: int, data: bytes = b"", *, fin: bool = True, masked: bool = True, rsv: int = 0) -> None:
        self.socket.sendall(frame(opcode, data, fin=fin, masked=masked, rsv=rsv))

    def say(self, text: str) -> None:
        self.send(TEXT, text.encode())

    def receive(self) -> tuple[int, bytes, bool]:
        """The next frame: opcode, payload, whether a message ends with it."""
        first, second = self._exactly(2)
        assert not second & 0x80, "a server does not mask"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._exactly(8))
        return first & 0x0F, self._exactly(length), bool(first & 0x80)

    def texts(self, number: int) -> list[str]:
        return [self.receive()[1].decode() for _ in range(number)]

    def closed(self) -> tuple[int, str]:
        """Read on to the close frame: its code and reason."""
        while True:
            opcode, payload, _ = self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    def ended(self) -> bool:
        """Whether the server has ended the connection."""
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(65536):
                pass
        return True

    def _exactly(self, number: int) -> bytes:
        while len(self._received) < number:
            piece = self.socket.recv(65536)
            assert piece, "the connection ended"
            self._received += piece
        taken, self._received = self._received[:number], self._received[number:]
        return taken


def frame(opcode: int, data: bytes, *, fin: bool = True, masked: bool = True, rsv: int = 0) -> bytes:
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    mask_bit = 0x80 if masked else 0
    if len(data) < 126:
        length = bytes([mask_bit | len(data)])
    elif len(data) < 65536:
        length = bytes([mask_bit | 126]) + struct.pack("!H", len(data))
    else:
        length = bytes([mask_bit | 127]) + struct.pack("!Q", len(data))
    if not masked:
        return bytes([first]) + length + data
    key = b"\x01\x02\x03\x04"
    repeated = key * (len(data) // 4 + 1)
    masked_data = (int.from_bytes(data, "big") ^ int.from_bytes(repeated[: len(data)], "big")).to_bytes(
        len(data), "big"
    )
    return bytes([first]) + length + key + masked_data


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    opened: list[Client] = []

    def _connect(server: Any, **options: Any) -> Client:
        opened.append(Client(server, **options))
        return opened[-1]

    yield _connect
    for each in opened:
        each.socket.close()


@pytest.fixture
def conversation(server: Any, connect: Any) -> Client:
    """An open one, after the handler's first part."""
    client: Client = connect(server)
    assert client.status == 101
    assert client.receive() == (TEXT, b"hello ", True)
    return client


def ready(start: Any, inference: str = INFERENCE, **env: str) -> Any:
    server = start(inference, **{**ENVIRONMENT, **env})
    server.wait_for_ping(200)
    return server


def settled(path: Path) -> bool:
    before = path.stat().st_size
    time.sleep(0.3)
    return path.stat().st_size == before


def memory_mib(pid: int) -> float:
    told = re.findall(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return sum(map(int, told)) / 1024


def test_the_handshake_is_that_of_rfc_6455(server: Any, connect: Any) -> None:
    client = connect(server, X_Amzn_SageMaker_Custom_Attributes="caller")
    accepted = client.key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    proof = hashlib.sha1(accepted, usedforsecurity=False).digest()
    assert client.head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert f"\r\nsec-websocket-accept: {base64.b64encode(proof).decode()}" in client.head
    assert "\r\nupgrade: websocket" in client.head
    assert "content-length" not in client.head
    assert client.texts(1) == ["hello caller"]


def test_the_handler_gets_each_frame_as_a_part_and_fragments_are_not_put_together(conversation: Client) -> None:
    conversation.send(TEXT, b"ab", fin=False)
    assert conversation.texts(1) == ["str 2 False"]
    conversation.send(CONTINUATION, b"cde", fin=False)
    assert conversation.texts(1) == ["str 3 False"]
    conversation.send(CONTINUATION, b"")
    assert conversation.texts(1) == ["str 0 True"]
    conversation.send(BINARY, b"\xff\x00")
    assert conversation.texts(1) == ["bytes 2 True"]
    assert conversation.receive() == (BINARY, b"\xff\x00", True)


def test_a_frame_that_comes_byte_by_byte_is_one_part(conversation: Client) -> None:
    for byte in frame(TEXT, "dreißig".encode()):
        conversation.socket.sendall(bytes([byte]))
    assert conversation.texts(1) == ["str 7 True"]


def test_a_character_may_be_split_between_frames(conversation: Client) -> None:
    conversation.send(TEXT, b"a\xc3", fin=False)
    conversation.send(CONTINUATION, b"\x9f")
    assert conversation.texts(2) == ["str 1 False", "str 1 True"]


def test_a_large_frame_comes_back_whole(conversation: Client) -> None:
    data = os.urandom(1024 * 1024)
    conversation.send(BINARY, data)
    conversation.texts(1)
    assert conversation.receive() == (BINARY, data, True)


def test_parts_of_a_message_are_fragments(conversation: Client) -> None:
    conversation.say("pieces")
    assert [conversation.receive() for _ in range(3)] == [
        (TEXT, b"a", False),
        (CONTINUATION, b"b", False),
        (CONTINUATION, b"c", True),
    ]


def test_many_parts_that_come_together_are_answered_in_their_order(conversation: Client) -> None:
    conversation.socket.sendall(b"".join(frame(TEXT, b"x" * number) for number in range(300)))
    assert conversation.texts(300) == [f"str {number} True" for number in range(300)]


def test_a_ping_is_answered_also_while_the_handler_works(server: Any, conversation: Client) -> None:
    conversation.say("slow")
    until((server.base / "model" / "started").exists)
    conversation.send(PING, b"are you there")
    assert conversation.receive() == (PONG, b"are you there", True)
    (server.base / "model" / "go").touch()


def test_a_ping_between_fragments_is_answered(conversation: Client) -> None:
    conversation.send(TEXT, b"a", fin=False)
    conversation.send(PING)
    conversation.send(CONTINUATION, b"b")
    frames = [conversation.receive() for _ in range(3)]
    assert (PONG, b"", True) in frames
    assert [payload for opcode, payload, _ in frames if opcode == TEXT] == [b"str 1 False", b"str 1 True"]


def test_a_handler_that_returns_closes_the_stream(conversation: Client) -> None:
    conversation.say("close")
    assert conversation.closed() == (1000, "")
    conversation.send(CLOSE, struct.pack("!H", 1000))
    assert conversation.ended()


def test_a_close_of_the_client_is_answered_and_ends_the_handlers_loop(start: Any, connect: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="1")
    client = connect(server)
    client.texts(1)
    client.send(CLOSE, struct.pack("!H", 1000) + b"done")
    assert client.closed() == (1000, "done")
    assert client.ended()
    until((server.base / "model" / "ended").exists)
    again = connect(server)
    assert again.texts(1) == ["hello "]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (frame(TEXT, b"abc", masked=False), 1002),
        (frame(TEXT, b"abc", rsv=4), 1002),
        (frame(3, b"abc"), 1002),
        (frame(CONTINUATION, b"abc"), 1002),
        (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(CLOSE, b"x"), 1002),
        (frame(CLOSE, struct.pack("!H", 1005)), 1002),
        (frame(TEXT, b"\xff\xfe"), 1007),
        (frame(TEXT, b"a\xc3"), 1007),
        (frame(TEXT, b"a\xc3", fin=False) + frame(CONTINUATION, b"b"), 1007),
        (bytes([0x81, 0xFE, 0, 5, 1, 2, 3, 4]) + b"abcde", 1002),
        (frame(BINARY, b"x" * (1024 * 1024 + 1)), 1009),
        (bytes([0x82, 0xFF]) + struct.pack("!Q", 1 << 62) + b"\1\2\3\4" + b"x" * (1024 * 1024 + 1), 1009),
        (b"GET /ping HTTP/1.1\r\n\r\n", 1002),
    ],
)
def test_fails_by_closing_for_frames_that_are_not_allowed(
    server: Any, conversation: Client, frames: bytes, code: int
) -> None:
    conversation.socket.sendall(frames)
    assert conversation.closed()[0] == code
    conversation.socket.shutdown(socket.SHUT_WR)
    assert conversation.ended()
    assert server.invoke().status == 200


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        ("raise", 1011, "stream raised ValueError; the traceback is in the container's log."),
        ("refuse", 1008, "That is not served here."),
        ("number", 1011, "stream yielded a int; yield str or bytes."),
        ("mixed", 1011, "stream yielded a bytes within a message of the other kind."),
        ("die", 1011, "The worker died or took too long; the container's log says which."),
    ],
)
def test_fails_by_closing_with_a_sentence(start: Any, connect: Any, said: str, code: int, reason: str) -> None:
    server = ready(start)
    client = connect(server)
    client.say(said)
    assert client.closed() == (code, reason)
    assert "a secret" not in reason
    server.wait_for_ping(200)
    assert connect(server).texts(1) == ["hello "]


def test_fails_by_closing_when_the_handler_takes_too_long_for_a_part(start: Any, connect: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_TIMEOUT="1")
    patient, hanging = connect(server), connect(server)
    hanging.say("hang")
    assert hanging.closed()[0] == 1011
    assert "prediction takes too long, its worker is killed" in server.log
    time.sleep(1)
    patient.texts(1)
    patient.say("still there")  # a client that says nothing has all the time
    assert patient.texts(1) == ["str 11 True"]


@pytest.mark.parametrize("said", ["tick", "flood"])
def test_a_generator_is_closed_when_its_client_vanishes(start: Any, connect: Any, said: str) -> None:
    server = ready(start)
    before = server.workers()
    client = connect(server)
    client.texts(1)
    client.say(said)
    client.receive()
    client.socket.close()
    until((server.base / "model" / "closed").exists)
    assert connect(server).texts(1) == ["hello "]
    assert server.workers() == before


def test_a_client_that_vanishes_before_the_handler_listens_is_not_heard(start: Any, connect: Any) -> None:
    server = ready(start, LISTENS_LATE, SAGEMAKER_MODEL_SERVER_WORKERS="1", SERVING_LOG_REQUESTS="all")
    model = server.base / "model"
    before = server.workers()
    client = connect(server)
    client.say("said")
    client.texts(1)
    client.socket.close()
    until(lambda: "stream=left" in server.log)
    (model / "go").touch()
    until((model / "ended").exists)
    assert (model / "ended").read_text() == "[]"
    assert connect(server).texts(1) == ["hello"]
    assert server.workers() == before


def test_a_client_that_does_not_read_costs_no_memory(start: Any, connect: Any) -> None:
    server = ready(start)
    before = memory_mib(server.process.pid)
    client = connect(server, receive_bytes=4096)
    client.say("flood")
    yielded = server.base / "model" / "yielded"
    until(lambda: yielded.exists() and settled(yielded))
    assert memory_mib(server.process.pid) < before + 16
    assert server.invoke().status == 200


def test_a_client_that_says_more_than_the_handler_takes_costs_no_memory(start: Any, connect: Any) -> None:
    server = ready(start)
    before = memory_mib(server.process.pid)
    client = connect(server)
    client.say("slow")
    until((server.base / "model" / "started").exists)
    client.socket.settimeout(1)
    frames = frame(BINARY, b"x" * 100_000) * 1000
    with pytest.raises(TimeoutError):
        client.socket.sendall(frames)
    assert memory_mib(server.process.pid) < before + 16
    assert server.invoke().status == 200


def test_fails_with_503_when_every_worker_is_in_a_conversation(start: Any, connect: Any) -> None:
    server = ready(start)
    clients = [connect(server), connect(server)]
    refused = connect(server)
    assert refused.status == 503
    assert "\r\nretry-after: 1" in refused.head
    assert server.ping() == 200
    for client in clients:
        client.texts(1)
        client.say("close")
        client.closed()
    assert connect(server).status == 101


def test_requests_wait_for_a_worker_that_is_in_no_conversation(start: Any, connect: Any) -> None:
    server = ready(start)
    connect(server).texts(1)
    assert server.invoke().status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upgrade": None, "Connection": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
        ({"Sec_WebSocket_Key": "%%%"}, 400),
    ],
)
def test_fails_for_a_handshake_that_is_none(server: Any, connect: Any, headers: Any, status: int) -> None:
    assert connect(server, **headers).status == status


def test_fails_with_405_for_another_method(server: Any) -> None:
    assert server.request("POST", PATH).status == 405


def test_fails_with_404_for_a_model_without_the_function(start: Any, connect: Any) -> None:
    server = ready(
        start, "class Model:\n    def __init__(self, d): ...\n    def predict(self, data):\n        return data"
    )
    assert connect(server).status == 404


def test_sigterm_ends_the_handlers_input_and_lets_it_finish(start: Any, connect: Any) -> None:
    server = ready(start)
    client = connect(server)
    client.texts(1)
    client.say("slow")
    until((server.base / "model" / "started").exists)
    server.process.send_signal(signal.SIGTERM)
    server.wait_until_refused()
    (server.base / "model" / "go").touch()
    assert client.texts(1) == ["bye"]
    assert client.closed()[0] in (1000, 1001)
    client.send(CLOSE, struct.pack("!H", 1000))
    assert server.process.wait(PATIENCE_IN_SECONDS) == 0


def test_a_worker_that_is_killed_closes_its_conversation_only(start: Any, connect: Any) -> None:
    server = ready(start)
    clients = [connect(server), connect(server)]
    for client in clients:
        client.texts(1)
    os.kill(min(server.workers()), signal.SIGKILL)
    until(lambda: "worker died and is replaced" in server.log)
    ends = []
    for client in clients:
        client.say("x")
        opcode, payload, _ = client.receive()
        ends.append((opcode, payload if opcode == TEXT else payload[:2]))
    assert sorted(ends) == [(TEXT, b"str 1 True"), (CLOSE, struct.pack("!H", 1011))]


STREAM_FN = """
def model_fn(model_dir):
    return "model"

def stream_fn(model, parts, context):
    for part in parts:
        yield f"{model} {part.data} {str(context.model_dir)[-5:]}"
"""


def test_stream_fn_stands_beside_model_fn_alone(start: Any, connect: Any) -> None:
    server = ready(start, STREAM_FN)
    client = connect(server)
    client.say("a")
    assert client.texts(1) == ["model a model"]
    answer = server.invoke()
    assert (answer.status, "/invocations needs predict_fn(input_data, model)" in answer.text) == (500, True)
    assert "stream_fn" in server.log


def test_stream_fn_stands_beside_transform_fn(start: Any, connect: Any) -> None:
    server = ready(start, STREAM_FN + "\ndef transform_fn(model, body, content_type, accept):\n    return body\n")
    client = connect(server)
    client.say("a")
    assert client.texts(1) == ["model a model"]
    assert server.invoke(b"abc").text == "abc"


@pytest.mark.parametrize(
    ("inference", "message"),
    [
        (
            "def model_fn(d): ...\ndef stream_fn(model): ...",
            "stream_fn takes (model), but is called as stream_fn(model, p",
        ),
        ("def model_fn(d): ...\nasync def stream_fn(model, parts):\n    yield", "stream_fn is declared with async def"),
        (
            "class Model:\n    def __init__(self, d): ...\n    def stream(self): ...",
            "class Model needs a method stream(self, parts) or stream(self, parts, context); it takes ()",
        ),
    ],
)
def test_fails_for_a_function_that_does_not_fit(start: Any, inference: str, message: str) -> None:
    server = start(inference)
    server.wait_for_ping(500)
    assert message in server.log


def test_fails_by_closing_for_a_function_that_does_not_yield(start: Any, connect: Any) -> None:
    server = ready(start, "def model_fn(d): ...\ndef stream_fn(model, parts):\n    return list(parts)")
    client = connect(server)
    client.send(CLOSE, struct.pack("!H", 1000))
    client = connect(server)
    client.socket.close()
    assert connect(server).status == 101
    until(lambda: "stream_fn returned a list; it must yield its parts." in server.log)


def test_a_client_that_vanishes_while_it_waits_for_a_worker_frees_it_again(start: Any, connect: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="1")
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as running:
        running.sendall(post_slow())
        until((server.base / "model" / "started").exists)
        waiting = socket.create_connection(("127.0.0.1", server.port))
        waiting.sendall(handshake())
        time.sleep(0.2)
        waiting.close()
        (server.base / "model" / "go").touch()
        assert running.recv(12) == b"HTTP/1.1 200"
    client = connect(server)
    while client.status == 503:
        client = connect(server)
    assert client.texts(1) == ["hello "]


def post_slow() -> bytes:
    head = b"POST /invocations HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n"
    return head + b"Connection: close\r\n\r\nslow"


def handshake() -> bytes:
    lines = [
        f"GET {PATH} HTTP/1.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: " + base64.b64encode(bytes(16)).decode(),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
