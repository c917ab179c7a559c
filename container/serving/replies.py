"""The replies of one connection, in the order of its requests, as the bytes that are written."""

from collections import deque
from http import HTTPStatus

from serving.exchange import Exchange, Reply

_STATUS_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


class Replies:
    """What was asked on a connection and is not answered yet.

    Attributes:
        pending: The exchanges, the oldest first.
    """

    def __init__(self) -> None:
        self.pending: deque[Exchange] = deque()

    def take(self, date: bytes, *, last_ends: bool) -> tuple[list[bytes], bool]:
        """The replies whose turn it is.

        Args:
            date: The value of their header.
            last_ends: The connection ends after the last one that is pending.

        Returns:
            Their bytes, and whether the connection ends after them.
        """
        pending = self.pending
        written: list[bytes] = []
        while pending and (reply := pending[0].reply) is not None:
            exchange = pending.popleft()
            ends = not exchange.keep_alive or (last_ends and not pending)
            written.append(_rendered(exchange, reply, date, ends=ends))
            if ends:
                return written, True
        return written, False

    def abandon(self) -> None:
        """Nobody waits for any of them."""
        for exchange in self.pending:
            exchange.gone = True
        self.pending.clear()


def _rendered(exchange: Exchange, reply: Reply, date: bytes, *, ends: bool) -> bytes:
    line = _STATUS_LINES.get(reply.status) or b"HTTP/1.1 %d \r\n" % reply.status
    lines = [line, b"date: ", date, b"\r\n"]
    for name, value in reply.headers.items():
        lines += (name, b": ", value, b"\r\n")
    if ends:
        lines.append(b"connection: close\r\n")
    elif exchange.http_1_0:
        lines.append(b"connection: keep-alive\r\n")
    lines.append(b"content-length: %d\r\n\r\n" % len(reply.body))
    if exchange.method != b"HEAD":
        lines.append(reply.body)
    return b"".join(lines)
