"""What a worker streams, seen from the front: one response or conversation after the other."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from serving import log, wire
from serving.conversation import Conversation
from serving.exchange import Exchange, Reply
from serving.handshake import accepted
from serving.reply_stream import ReplyStream
from serving.request_log import request_id


class Streaming(Protocol):
    """The worker.

    Attributes:
        batch: The requests it is answering, the next one first.
        since: When its time began, in seconds of the event loop's clock.
    """

    batch: deque[Exchange]
    since: float


class WorkerStream:
    """The stream of the request that a worker is answering.

    Time runs from a part to the next one. It stands still while the client has no room, and while the worker waits for
    what the client of a conversation says.

    Args:
        worker: Whose stream it is.
        transport: The connection to it.
        clock: The event loop's.
        seconds: How long a response may take.
    """

    def __init__(
        self, worker: Streaming, transport: asyncio.Transport, clock: Callable[[], float], seconds: float
    ) -> None:
        self._worker = worker
        self._transport = transport
        self._clock = clock
        self._seconds = seconds
        self._count = 0
        self._held = False
        self._stopped = False

    def take(self, number: int, head: bytes, body: bytes) -> None:
        """One record of a stream."""
        worker = self._worker
        exchange = worker.batch[0]
        worker.since = self._clock()
        if number == wire.BEGIN:
            self._begin(exchange, head)
            return
        stream = exchange.stream
        assert stream is not None  # noqa: S101 - BEGIN came before
        if number == wire.PART:
            stream.push(body, head)
            exchange.advance()
            if stream.waiting:
                self.hold()
        elif number == wire.WANT:
            worker.since = math.inf
            if isinstance(stream, Conversation):
                stream.want()
        else:
            worker.batch.popleft()
            self._stopped = False
            self.release()
            if number == wire.END:
                stream.end()
            elif isinstance(stream, Conversation):
                stream.refuse(int(head), body.decode())
            else:
                stream.fail()
            exchange.advance()

    def end_if_late(self, now: float) -> None:
        """End a response that takes longer than one may."""
        exchange = self._worker.batch[0] if self._worker.batch else None
        stream = exchange.stream if exchange is not None else None
        if exchange is not None and stream is not None and not stream.ended and now > stream.deadline:
            log.error(
                "stream takes too long and is ended", request_id=request_id(exchange.number), seconds=self._seconds
            )
            stream.abandon()
            exchange.advance()

    def hold(self) -> None:
        """Read no more from the worker: its client has no room."""
        self._held = True
        self._worker.since = math.inf
        self._transport.pause_reading()

    def release(self) -> None:
        """Read on."""
        if self._held and not self._transport.is_closing():
            self._held = False
            self._worker.since = self._clock()
            self._transport.resume_reading()

    def stop_stream(self) -> None:
        """Nobody takes any more of it: ask the worker to stop. It has as long for that as for a part."""
        self.release()
        self._worker.since = self._clock()
        if not self._stopped and not self._transport.is_closing():
            self._stopped = True
            self._transport.write(wire.pack(wire.STOP, b"%d" % self._count, b""))

    def give(self, part: tuple[bytes, bytes] | None) -> None:
        """What the worker wants: the next part of a conversation, or None after the last."""
        self._worker.since = self._clock()
        if not self._transport.is_closing():
            record = wire.pack(wire.INPUT, *part) if part is not None else wire.pack(wire.INPUT_END, b"", b"")
            self._transport.write(record)

    def _begin(self, exchange: Exchange, head: bytes) -> None:
        self._count += 1
        stream: ReplyStream
        if exchange.converses:
            stream = Conversation(self)
            exchange.answer(Reply(status=101, head=wire.header_lines(accepted(exchange.headers)), stream=stream))
        else:
            stream = ReplyStream(self, self._clock() + self._seconds)
            exchange.answer(Reply(status=200, head=head, stream=stream))
        if exchange.gone:
            stream.abandon()
