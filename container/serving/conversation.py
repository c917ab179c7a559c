"""A bidirectional stream in the front: between a client's WebSocket and the worker that answers it.

client -> WebSocket -> hear -> Conversation -> give -> worker      one part each time the worker wants one
client <- WebSocket <- part <- Conversation <- push <- worker      held while the client has no room
"""

import math
from collections import deque
from typing import Protocol

from serving.reply_stream import ReplyStream, Source

MAX_HEARD_BYTES = 1024 * 1024
"""How much may wait for the worker before no more is read from the client; one part may be larger."""

MAX_HEARD_PARTS = 64


class Speaker(Source, Protocol):
    """The worker."""

    def give(self, part: tuple[bytes, bytes] | None) -> None:
        """The part that it wants, or None: no more will come."""


class Listener(Protocol):
    """The WebSocket."""

    full: bool

    def part(self, head: bytes, body: bytes) -> None:
        """Send one part."""

    def heard(self) -> None:
        """The worker took a part: there may be room for another one."""

    def finished(self, code: int, reason: str) -> None:
        """Close it."""


class Conversation(ReplyStream):
    """The parts between a client and a worker.

    Args:
        speaker: The worker.
    """

    __slots__ = ("_close", "_heard", "_heard_bytes", "_input_ended", "_listener", "_said", "_speaker", "_wanted")

    def __init__(self, speaker: Speaker) -> None:
        super().__init__(speaker, math.inf)
        self._speaker = speaker
        self._listener: Listener | None = None
        self._said: deque[tuple[bytes, bytes]] = deque()
        self._heard: deque[tuple[bytes, bytes]] = deque()
        self._heard_bytes = 0
        self._wanted = False
        self._input_ended = False
        self._close = (1000, "")

    @property
    def waiting(self) -> bool:
        """Whether a part is here that the client has not taken."""
        return bool(self._said)

    @property
    def crowded(self) -> bool:
        """Whether enough waits for the worker."""
        return self._heard_bytes > MAX_HEARD_BYTES or len(self._heard) >= MAX_HEARD_PARTS

    def attach(self, listener: Listener) -> None:
        """The WebSocket is open."""
        self._listener = listener
        self.deliver()

    def deliver(self) -> None:
        """Send what the client has room for."""
        listener = self._listener
        if listener is None:
            return
        while self._said and not listener.full:
            listener.part(*self._said.popleft())
        if not self._said:
            if self.ended:
                listener.finished(*self._close)
            else:
                self._speaker.release()

    # What the worker says

    def push(self, part: bytes, head: bytes = b"b.") -> None:
        """One part for the client, unless it left."""
        if not self.ended:
            self._said.append((head, part))
            self.sent += len(part)
            self.deliver()

    def want(self) -> None:
        """It waits for a part of the client's."""
        self._wanted = True
        self._give()

    def end(self) -> None:
        """It has said all."""
        super().end()
        self.deliver()

    def fail(self) -> None:
        """It broke off."""
        self.refuse(1011, "The worker died or took too long; the container's log says which.")

    def refuse(self, code: int, reason: str) -> None:
        """It broke off, and says why."""
        if not self.ended:
            self._close = (code, reason)
        super().fail()
        self.deliver()

    # What the client says

    def hear(self, head: bytes, body: bytes) -> None:
        """One part."""
        self._heard.append((head, body))
        self._heard_bytes += len(body)
        self.received += len(body)
        self._give()

    def finish_input(self) -> None:
        """No more will come of it."""
        self._input_ended = True
        self._give()

    def abandon(self) -> None:
        """It left."""
        self._listener = None
        self._said.clear()
        self._heard.clear()
        if not self.ended:
            super().fail()
            self._speaker.stop_stream()

    def _give(self) -> None:
        if not self._wanted or self.ended or not (self._heard or self._input_ended):
            return
        self._wanted = False
        if self._heard:
            part = self._heard.popleft()
            self._heard_bytes -= len(part[1])
            self._speaker.give(part)
            if self._listener is not None:
                self._listener.heard()
        else:
            self._speaker.give(None)
