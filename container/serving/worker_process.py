"""A worker process, seen from the front: starting it, asking it, hearing what it answers, ending it."""

import asyncio
import enum
import json
import socket
from asyncio import AbstractEventLoop, Transport
from collections import deque
from pathlib import Path
from typing import Any, Protocol, cast

from serving import wire
from serving.exchange import Exchange, Reply
from serving.process import Starter
from serving.worker_stream import WorkerStream


class State(enum.Enum):
    """How far a worker is, or all of them together."""

    LOADING = enum.auto()
    READY = enum.auto()
    FAILED = enum.auto()


class Owner(Protocol):
    """Who has the worker.

    Attributes:
        model_dir: What it loads.
        model: The model's name, if there are several.
        stream_seconds: How long a streamed response may take.
    """

    model_dir: Path
    model: str | None
    stream_seconds: int

    def loaded(self, worker: "Worker") -> None:
        """It says that it has loaded the model, or failed to."""

    def free(self, worker: "Worker") -> None:
        """It has answered all it had."""


class Worker(asyncio.Protocol):
    """One worker process.

    Attributes:
        state: How far it is.
        at_once: How many requests it takes together.
        batch: The requests it is answering, the next one first.
        own: What waits for it and no other worker: requests of its sessions, and in bytes the sessions that have ended.
        since: When it got them, or the last part of a stream.
        stream: The streamed ones among them.
        late: It was killed because it took too long.
        says: What it said of itself when it had loaded the model, or failed to.
        ended: Its exit code, once there is one.

    Args:
        owner: Who has it.
        number: Which worker of the model it is.
        loop: The event loop.
        starter: Starts the process.
    """

    def __init__(self, owner: Owner, number: int, loop: AbstractEventLoop, starter: Starter) -> None:
        self._owner = owner
        self._loop = loop
        self._unpacker = wire.Unpacker()
        self._transport: Transport
        self.state = State.LOADING
        self.at_once = 1
        self.batch: deque[Exchange] = deque()
        self.own: deque[Exchange | bytes] = deque()
        self.since = 0.0
        self.late = False
        self.says: dict[str, Any] = {}
        self.stream: WorkerStream
        self._socket, there = socket.socketpair()
        with there:
            name = f"worker-{number}" if owner.model is None else f"worker-{owner.model}-{number}"
            self._process = starter.start(name, there)
        self.ended = self._process.ended

    async def connect(self) -> None:
        """Listen to it."""
        await self._loop.create_unix_connection(lambda: self, sock=self._socket)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("Transport", transport)
        self.stream = WorkerStream(self, self._transport, self._loop.time, self._owner.stream_seconds)

    def data_received(self, data: bytes) -> None:
        """Answers, and before them what it can do."""
        for number, head, body, _ in self._unpacker.feed(data):
            if self.state is State.LOADING:
                self.at_once = number
                self.says = json.loads(body)
                self.state = State.READY if number else State.FAILED
                self._owner.loaded(self)
            elif number < wire.STATUSES:
                self.stream.take(number, head, body)
            else:
                self.batch.popleft().answer(Reply(status=number, body=body, head=head))
        if not self.batch and self.state is State.READY:
            self._owner.free(self)

    def connection_lost(self, _reason: Exception | None) -> None:
        """It is dead, or as good as that."""
        self.kill()

    @property
    def ready(self) -> bool:
        """Whether it has loaded the model and is still there."""
        return self.state is State.READY

    @property
    def converses(self) -> bool:
        """Whether its handler has a function for bidirectional streams."""
        return bool(self.says.get(wire.CONVERSES))

    @property
    def out_of_memory(self) -> bool:
        """Whether it could not load the model for want of memory."""
        return bool(self.says.get(wire.OUT_OF_MEMORY))

    @property
    def process(self) -> int | None:
        """Its number, or None while it is being started."""
        return self._process.pid

    def next_own(self, *, before: float) -> Exchange | None:
        """The request of a session that is this worker's next one. Sessions that ended before it are forgotten.

        Args:
            before: It has arrived until then.
        """
        while self.own:
            waiting = self.own[0]
            if isinstance(waiting, bytes):
                self._transport.write(wire.pack(wire.FORGET, waiting, b""))
            elif waiting.arrived > before:
                return None
            elif not waiting.gone:
                self.own.popleft()
                return waiting
            self.own.popleft()
        return None

    def send(self, batch: list[Exchange]) -> None:
        """Ask it."""
        self.batch.extend(batch)
        self.since = self._loop.time()
        if batch[0].converses:
            head = wire.pack_headers(batch[0].headers)
            self._transport.write(wire.pack(wire.OPEN, head, b"", request=batch[0].number))
            return
        following = range(len(batch) - 1, -1, -1)
        self._transport.writelines(
            [
                wire.pack(number, wire.pack_headers(exchange.headers), exchange.body, request=exchange.number)
                for number, exchange in zip(following, batch, strict=True)
            ]
        )

    def stop(self) -> None:
        """Let it end: it has nothing to answer."""
        if self.state is State.READY:
            self._transport.close()
        else:
            self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def close(self) -> None:
        """Forget it, after its end."""
        self._transport.abort()
        self._process.close()
