"""A reply whose parts come one after the other, while the worker still makes them.

    worker -> Source -> ReplyStream -> Replies -> client

Parts that the client has no room for stay here, and the source is held until they are taken: memory does not grow with
a client that reads slowly.
"""

from typing import Protocol


class Source(Protocol):
    """Where parts come from."""

    def hold(self) -> None:
        """Send no more, for now."""

    def release(self) -> None:
        """Go on."""

    def stop_stream(self) -> None:
        """Nobody takes any more of it."""


class ReplyStream:
    """The parts between a worker and a client.

    Attributes:
        begun: The head of the reply is written.
        ended: No more will come.
        broken: What came is not all of it.
        deadline: When the reply has to be complete, in seconds of the event loop's clock.
        sent: How many bytes came of the worker.
        received: How many bytes came of the client, in a conversation.

    Args:
        source: Who sends the parts.
    """

    __slots__ = ("_parts", "_source", "begun", "broken", "deadline", "ended", "received", "sent")

    def __init__(self, source: Source, deadline: float) -> None:
        self._source = source
        self._parts: list[bytes] = []
        self.deadline = deadline
        self.begun = False
        self.ended = False
        self.broken = False
        self.sent = 0
        self.received = 0

    @property
    def waiting(self) -> bool:
        """Whether a part is here that the client has not taken."""
        return bool(self._parts)

    def push(self, part: bytes, head: bytes = b"") -> None:  # noqa: ARG002 - a conversation's parts have one
        """One more part, unless nobody wants it."""
        if not self.ended:
            self._parts.append(part)
            self.sent += len(part)

    def take(self) -> list[bytes]:
        """What is here. More may come."""
        parts, self._parts = self._parts, []
        if parts and not self.ended:
            self._source.release()
        return parts

    def end(self) -> None:
        """All of it came."""
        self.ended = True

    def fail(self) -> None:
        """No more will come, and it is not complete."""
        self.broken = self.broken or not self.ended
        self.ended = True

    def abandon(self) -> None:
        """Nobody takes any more of it."""
        self._parts.clear()
        if not self.ended:
            self.fail()
            self._source.stop_stream()
