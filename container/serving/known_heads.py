"""Heads of requests that were parsed before: clients mostly send the same ones, as long as bodies are of one length.

Only heads that the parser took, byte for byte, and only of requests that came in one piece: what is refused, and how
the bytes of a connection are divided into requests, is for the parser alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

MOST = 256
"""How many are kept; the oldest one goes first."""

LONGEST = 4096
"""Of one that is kept, in bytes."""

_END = b"\r\n\r\n"
_MORE_THAN_A_BODY = (b"transfer-encoding", b"expect", b"upgrade")


class Head(NamedTuple):
    """What the parser made of one.

    Attributes:
        method: As it was sent.
        path: Without the query.
        query: What follows the question mark.
        headers: Names in lower case.
    """

    method: bytes
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]


class KnownHeads:
    """Those of a server's connections."""

    def __init__(self) -> None:
        self._heads: dict[bytes, tuple[Head, int]] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """The head and the body of one complete request, if its head is known."""
        end = data.find(_END) + len(_END)
        known = self._heads.get(data[:end])
        if known is None or known[1] != len(data):
            return None
        return known[0], data[end:]

    def remember(self, data: bytes, head: Head, body_bytes: int) -> None:
        """Keep the head of a request that the parser took, kept the connection, and in HTTP/1.1.

        Args:
            data: What came at once. If that is anything but this request, there is nothing to keep.
            head: What the parser made of it.
            body_bytes: How long the body was.
        """
        end = data.find(_END) + len(_END)
        if end + body_bytes != len(data) or end > LONGEST or not head.headers.keys().isdisjoint(_MORE_THAN_A_BODY):
            return
        if len(self._heads) >= MOST:
            del self._heads[next(iter(self._heads))]
        self._heads[data[:end]] = (head, len(data))
