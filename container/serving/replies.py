"""The replies of one connection, in the order of its requests, as the bytes that are written."""

from collections import deque
from http import HTTPStatus
from typing import Protocol

from serving.exchange import Exchange, Reply
from serving.reply_stream import ReplyStream

_STATUS_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


class Follower(Protocol):
    """Who counts and logs.

    Attributes:
        follows: Whether it wants to know of replies that are no failure.
        date: The value of each reply's header.
    """

    follows: bool
    date: bytes

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """A reply is being sent that is a failure, or any reply if it follows them."""

    def ended(self, exchange: Exchange) -> None:
        """A reply that is streamed has ended, complete or not."""


class Replies:
    """What was asked on a connection and is not answered yet.

    Attributes:
        pending: The exchanges, the oldest first.
        upgraded: The one that the connection belongs to, after the reply that says so.

    Args:
        follower: Is told of replies.
    """

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self.upgraded: Exchange | None = None
        self.pending: deque[Exchange] = deque()

    def take(self, *, last_ends: bool, room: bool) -> tuple[list[bytes], bool]:
        """The replies whose turn it is.

        Args:
            last_ends: The connection ends after the last one that is pending.
            room: The client takes more of a streamed reply.

        Returns:
            Their bytes, and whether the connection ends after them.
        """
        pending, follower = self.pending, self._follower
        date = follower.date
        written: list[bytes] = []
        while pending and (reply := pending[0].reply) is not None:
            exchange = pending[0]
            ends = not exchange.keep_alive or (last_ends and len(pending) == 1)
            if (follower.follows or reply.status >= HTTPStatus.BAD_REQUEST) and (
                reply.stream is None or not reply.stream.begun
            ):
                follower.replied(exchange, reply)
            if reply.stream is None:
                written.append(_rendered(exchange, reply, date, ends=ends))
            elif reply.status == HTTPStatus.SWITCHING_PROTOCOLS:
                reply.stream.begun = True
                self.upgraded = exchange
                pending.popleft()
                written.append(_head(exchange, reply, date, ends=False) + b"\r\n")
                break
            else:
                if not reply.stream.begun:
                    reply.stream.begun = True
                    exchange.keep_alive = not (ends or exchange.http_1_0)
                    written.append(_head_of_stream(exchange, reply, date))
                if room:
                    written += _framed(exchange, reply.stream)
                if reply.stream.waiting or not reply.stream.ended:
                    break
                ends = ends or reply.stream.broken or not exchange.keep_alive
                if not (reply.stream.broken or exchange.http_1_0):
                    written.append(b"0\r\n\r\n")
                follower.ended(exchange)
            pending.popleft()
            if ends:
                return written, True
        return written, False

    def abandon(self) -> None:
        """Nobody waits for any of them."""
        for exchange in self.pending:
            exchange.leave()
            if exchange.stream is not None and exchange.stream.begun:
                self._follower.ended(exchange)
        self.pending.clear()


def _rendered(exchange: Exchange, reply: Reply, date: bytes, *, ends: bool) -> bytes:
    body = reply.body
    head = b"%bcontent-length: %d\r\n\r\n" % (_head(exchange, reply, date, ends=ends), len(body))
    return head if exchange.method == b"HEAD" else head + body


def _head_of_stream(exchange: Exchange, reply: Reply, date: bytes) -> bytes:
    # HTTP/1.0 knows no chunks: there the body ends with the connection.
    last = b"\r\n" if exchange.http_1_0 else b"transfer-encoding: chunked\r\n\r\n"
    return _head(exchange, reply, date, ends=not exchange.keep_alive) + last


def _head(exchange: Exchange, reply: Reply, date: bytes, *, ends: bool) -> bytes:
    line = _STATUS_LINES.get(reply.status) or b"HTTP/1.1 %d \r\n" % reply.status
    connection = b""
    if ends:
        connection = b"connection: close\r\n"
    elif exchange.http_1_0:
        connection = b"connection: keep-alive\r\n"
    return b"%bdate: %b\r\n%b%b" % (line, date, reply.head, connection)


def _framed(exchange: Exchange, stream: ReplyStream) -> list[bytes]:
    if exchange.http_1_0:
        return stream.take()
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in stream.take()]
