"""One request, and the reply that it waits for."""

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from serving.reply_stream import ReplyStream

Outcome = Literal["complete", "broken", "left"]
"""Of a stream: all of it was sent, the container broke off, the client left."""

_numbers = itertools.count(secrets.randbits(63))


@dataclass(slots=True, kw_only=True)  # not frozen: that costs a microsecond for each request
class Reply:
    """What the client gets.

    Attributes:
        status: HTTP's.
        body: All of it, unless it is streamed.
        head: Its headers as lines of HTTP, beside those of the connection.
        stream: The parts of a body that is not complete yet.
    """

    status: int
    body: bytes = b""
    head: bytes = b""
    stream: ReplyStream | None = None


def json_reply(value: object, head: bytes = b"") -> Reply:
    """What the container answers by itself.

    Args:
        value: Becomes JSON.
        head: Lines of further headers.
    """
    return Reply(status=200, body=orjson.dumps(value), head=b"content-type: application/json\r\n" + head)


class Exchange:
    """A request that is complete, and what becomes of it.

    Attributes:
        method: As it was sent.
        path: Without the query.
        query: What follows the question mark, as it was sent.
        headers: Names in lower case; those of several lines are one list.
        body: All of it.
        keep_alive: Whether the client wants to send another request on this connection.
        http_1_0: The request is HTTP/1.0.
        reply: Set once.
        arrived: When it was put into the queue, in seconds of the monotonic clock.
        alone: It was part of a batch whose worker died: it is not batched again.
        converses: It opens a bidirectional stream.
        gone: Nobody waits for the reply any more, or for the rest of it.
        number: Which request this is, for the log; no other container counts from the same number.

    Args:
        answered: Called when there is a reply, or more of it.
    """

    __slots__ = (
        "_answered",
        "alone",
        "arrived",
        "body",
        "converses",
        "gone",
        "headers",
        "http_1_0",
        "keep_alive",
        "method",
        "number",
        "path",
        "query",
        "reply",
    )

    def __init__(
        self,
        method: bytes,
        path: str,
        headers: Mapping[bytes, bytes],
        *,
        query: bytes = b"",
        keep_alive: bool,
        http_1_0: bool = False,
        answered: Callable[[], None],
    ) -> None:
        self.number = next(_numbers)
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.keep_alive = keep_alive
        self.http_1_0 = http_1_0
        self.body: bytes | bytearray = b""
        self.reply: Reply | None = None
        self.arrived = 0.0
        self.alone = False
        self.converses = False
        self.gone = False
        self._answered = answered

    def answer(self, reply: Reply) -> None:
        """Reply, unless somebody did, or nobody waits."""
        if self.reply is None:
            self.reply = reply
            self._answered()

    @property
    def stream(self) -> ReplyStream | None:
        """The parts of the reply, if it has begun and is streamed."""
        return self.reply.stream if self.reply is not None else None

    @property
    def outcome(self) -> Outcome:
        """How its stream ended."""
        if self.gone:
            return "left"
        return "complete" if self.stream is None or not self.stream.broken else "broken"

    def advance(self) -> None:
        """There is more of its stream."""
        self._answered()

    def leave(self) -> None:
        """Nobody waits any more."""
        self.gone = True
        if self.stream is not None:
            self.stream.abandon()
