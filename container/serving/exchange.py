"""One request, and the reply that it waits for."""

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_numbers = itertools.count(secrets.randbits(63))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the client gets."""

    status: int
    body: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)


class Exchange:
    """A request that is complete, and what becomes of it.

    Attributes:
        method: As it was sent.
        path: Without the query.
        headers: Names in lower case; those of several lines are one list.
        body: All of it.
        keep_alive: Whether the client wants to send another request on this connection.
        reply: Set once.
        arrived: When it was put into the queue, in seconds of the monotonic clock.
        alone: It was part of a batch whose worker died: it is not batched again.
        gone: Nobody waits for the reply any more.
        number: Which request this is, for the log; no other container counts from the same number.

    Args:
        answered: Called when there is a reply.
    """

    __slots__ = (
        "_answered",
        "alone",
        "arrived",
        "body",
        "gone",
        "headers",
        "keep_alive",
        "method",
        "number",
        "path",
        "reply",
    )

    def __init__(
        self,
        method: bytes,
        path: str,
        headers: Mapping[bytes, bytes],
        *,
        keep_alive: bool,
        answered: Callable[[], None],
    ) -> None:
        self.number = next(_numbers)
        self.method = method
        self.path = path
        self.headers = headers
        self.keep_alive = keep_alive
        self.body: bytes | bytearray = b""
        self.reply: Reply | None = None
        self.arrived = 0.0
        self.alone = False
        self.gone = False
        self._answered = answered

    def answer(self, reply: Reply) -> None:
        """Reply, unless somebody did, or nobody waits."""
        if self.reply is None:
            self.reply = reply
            self._answered()
