"""The one queue of requests, and the worker processes that take from it.

A worker that becomes free takes what waits, up to the number it takes at once, and never waits for more. Workers that
die are replaced; what they were answering fails, and nothing else does.
"""

import asyncio
import enum
import math
import os
import socket
import subprocess
import sys
import threading
from asyncio import AbstractEventLoop, Transport
from collections import deque
from collections.abc import Mapping
from signal import Signals
from typing import cast

from serving import log, wire
from serving.backend import Methods
from serving.config import Config
from serving.error_reply import reply_of
from serving.errors import (
    BusyError,
    LoadFailedError,
    PredictionTimeoutError,
    RouteNotFoundError,
    ServingError,
    WorkerDiedError,
)
from serving.exchange import Exchange, Reply
from serving.handshake import require_handshake
from serving.memory import memory_mib
from serving.worker_stream import WorkerStream

DEATHS_WHILE_LOADING = 3
"""How often in a row a worker may die before its model is loaded; then the container ends, rather than never be up."""

START_AGAIN_SECONDS = 1
"""How long to wait after a process could not be started."""

STOP_SECONDS = 3
"""How long a worker may take to end after its last answer."""


class State(enum.Enum):
    """How far a worker is, or all of them together."""

    LOADING = enum.auto()
    READY = enum.auto()
    FAILED = enum.auto()


class Worker(asyncio.Protocol):
    """A worker process, seen from the front.

    Attributes:
        state: How far it is.
        at_once: How many requests it takes together.
        batch: The requests it is answering, the next one first.
        own: What waits for it and no other worker: requests of its sessions, and in bytes the sessions that have ended.
        since: When it got them, or the last part of a stream.
        stream: The streamed ones among them.
        late: It was killed because it took too long.
        out_of_memory: It could not load the model for want of memory.
        converses: Its handler has a function for bidirectional streams.
        ended: Its exit code, once there is one.
    """

    def __init__(self, pool: "Pool", number: int, loop: AbstractEventLoop) -> None:
        self._pool = pool
        self._loop = loop
        self._unpacker = wire.Unpacker()
        self._transport: Transport
        self.state = State.LOADING
        self.at_once = 1
        self.batch: deque[Exchange] = deque()
        self.own: deque[Exchange | bytes] = deque()
        self.since = 0.0
        self.late = False
        self.out_of_memory = False
        self.converses = False
        self.stream: WorkerStream
        self.ended: asyncio.Future[int] = loop.create_future()
        here, there = socket.socketpair()
        with there:
            command = [sys.executable, "-m", "serving.worker", str(there.fileno()), str(number), str(pool.model_dir)]
            # The pipe to its standard input tells a worker when the front is gone. A group of its own keeps Ctrl-C in a
            # terminal from reaching it before the front has asked it to finish.
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own
                command, pass_fds=[there.fileno()], stdin=subprocess.PIPE, process_group=0
            )
        self._socket = here
        threading.Thread(target=self._wait, name=f"wait-{number}", daemon=True).start()

    async def connect(self) -> None:
        """Listen to it."""
        await self._loop.create_unix_connection(lambda: self, sock=self._socket)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("Transport", transport)
        self.stream = WorkerStream(self, self._transport, self._loop.time, self._pool.stream_seconds)

    def data_received(self, data: bytes) -> None:
        """Answers, and before them what it can do."""
        for number, head, body in self._unpacker.feed(data):
            if self.state is State.LOADING:
                self.at_once = number
                self.state = State.READY if number else State.FAILED
                self.out_of_memory = head == wire.OUT_OF_MEMORY
                self.converses = head == wire.CONVERSES
                self._pool.loaded(self)
            elif number < wire.STATUSES:
                self.stream.take(number, head, body)
            else:
                self.batch.popleft().answer(Reply(status=number, body=body, headers=wire.unpack_response_headers(head)))
        if not self.batch and self.state is State.READY:
            self._pool.free(self)

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

    def connection_lost(self, _reason: Exception | None) -> None:
        """It is dead, or as good as that."""
        self.kill()

    def send(self, batch: list[Exchange]) -> None:
        """Ask it."""
        self.batch.extend(batch)
        self.since = self._loop.time()
        if batch[0].converses:
            self._transport.write(wire.pack(wire.OPEN, wire.pack_headers(batch[0].headers), b""))
            return
        following = range(len(batch) - 1, -1, -1)
        self._transport.write(
            b"".join(
                [
                    wire.pack(number, wire.pack_headers(exchange.headers), exchange.body)
                    for number, exchange in zip(following, batch, strict=True)
                ]
            )
        )

    @property
    def process(self) -> int:
        """Its number."""
        return self._process.pid

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
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _wait(self) -> None:
        code = self._process.wait()
        self._loop.call_soon_threadsafe(self.ended.set_result, code)


class Pool:
    """Keeps as many workers running as the configuration says, and all of them busy.

    Attributes:
        model_dir: What the workers load.
        stream_seconds: How long a streamed response may take.
        gave_up: Done when it makes no sense to start workers any more.

        settled: Done when it is known whether the model can be loaded.
        out_of_memory: It could not, for want of memory.

    Args:
        config: The container's settings.
        deaths_before_ready: How often a worker may die before the model was loaded once.
    """

    def __init__(self, config: Config, *, deaths_before_ready: int = DEATHS_WHILE_LOADING) -> None:
        self._config = config
        self._deaths_before_ready = deaths_before_ready
        self.settled = asyncio.Event()
        self.out_of_memory = False
        self.model_dir = config.model_dir
        self.stream_seconds = config.stream_seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Exchange] = deque()
        self._workers: dict[int, Worker] = {}
        self._idle: list[Worker] = []
        self._was_ready = False
        self._dispatching = False
        self._stopping = False
        self._refused = 0
        self._bound = False  # a worker may have something of its own
        self.gave_up = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the workers."""
        self._keepers = [asyncio.create_task(self._keep(number)) for number in range(self._config.workers)]

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being answered."""
        return bool(self._waiting) or any(worker.batch or worker.own for worker in self._workers.values())

    @property
    def routes(self) -> Mapping[str, Methods]:
        """Those of the model."""
        return {"/invocations": {b"POST": self.submit}, "/invocations-bidirectional-stream": {b"GET": self.converse}}

    def find(self, _path: str) -> Methods | None:
        """There are no other routes."""
        return None

    def memory_mib(self) -> int:
        """What the workers take, in MiB."""
        return sum(memory_mib(worker.process) for worker in self._workers.values())

    def require_ready(self) -> None:
        """Tell whether the container is healthy.

        It is when all workers are loaded. Once they were, the container stays ready while a lost worker is being
        replaced and another one answers. A worker whose load failed makes it fail: the next load would fail as well.

        Raises:
            BusyError: The model is being loaded.
            LoadFailedError: It could not be loaded.
        """
        states = [worker.state for worker in self._workers.values()]
        if State.FAILED in states:
            raise _load_failed()
        if not self._was_ready or State.READY not in states:
            raise _loading()

    def submit(self, exchange: Exchange) -> None:
        """Have a request answered by the next free worker.

        Raises:
            BusyError: No worker has loaded its model, or too many requests wait.
            LoadFailedError: No worker could load it.
        """
        if not self._idle:
            self.require_workers()
            self._require_room(len(self._waiting))
        exchange.arrived = self._loop.time()
        self._waiting.append(exchange)
        self._dispatch_soon()

    def converse(self, exchange: Exchange) -> None:
        """Have a WebSocket answered by the next free worker.

        Raises:
            RequestError: The request opens no WebSocket, or the handler has no function for it.
            BusyError: Every worker is in a conversation, or will be.
        """
        require_handshake(exchange)
        workers = self.require_workers()
        if not any(worker.converses for worker in workers):
            raise RouteNotFoundError("The model has no stream_fn and no method stream, which this path needs.")
        conversing = [*self._waiting, *(worker.batch[0] for worker in workers if worker.batch)]
        if sum(each.converses and not each.gone for each in conversing) >= len(workers):
            raise BusyError(
                "Every worker is in a conversation; try again. SAGEMAKER_MODEL_SERVER_WORKERS sets how many."
            )
        exchange.converses = exchange.alone = True
        self.submit(exchange)

    def submit_to(self, worker: Worker, exchange: Exchange) -> None:
        """Have a request answered by one worker.

        Raises:
            BusyError: Too many requests wait for it.
        """
        self._require_room(len(worker.own))
        exchange.arrived = self._loop.time()
        worker.own.append(exchange)
        self._bound = True
        self._dispatch_soon()

    def forget(self, worker: Worker, session: bytes) -> None:
        """Have a worker forget a session, after the requests of it that wait."""
        worker.own.append(session)
        self._bound = True
        self._dispatch_soon()

    def has(self, worker: Worker) -> bool:
        """Whether a worker is still there."""
        return worker.state is State.READY

    def require_workers(self) -> list[Worker]:
        """Those that have loaded the model.

        Raises:
            BusyError: None has, yet.
            LoadFailedError: None could.
        """
        ready = [worker for worker in self._workers.values() if worker.state is State.READY]
        if not ready:
            failed = any(worker.state is State.FAILED for worker in self._workers.values())
            raise _load_failed() if failed else _loading()
        return ready

    def _require_room(self, waiting: int) -> None:
        if waiting >= self._config.max_queue:
            self._refused += 1
            raise BusyError("Too many requests wait; try again. SERVING_MAX_QUEUE sets how many may.")

    def loaded(self, worker: Worker) -> None:
        """A worker says that it has loaded the model, or failed to."""
        states = {each.state for each in self._workers.values()}
        if states == {State.READY} and len(self._workers) == self._config.workers:
            self._was_ready = True
            self.settled.set()
        if worker.state is State.FAILED:
            self.out_of_memory = self.out_of_memory or worker.out_of_memory
            self.settled.set()
        if worker.state is State.FAILED and states == {State.FAILED}:
            self._fail_waiting(_load_failed())

    def free(self, worker: Worker) -> None:
        """A worker has answered all it had."""
        if not worker.late:
            self._idle.append(worker)
            self._dispatch()

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        limit = self._config.timeout_seconds
        for number, worker in self._workers.items():
            if worker.batch:
                worker.stream.end_if_late(now)
            if worker.batch and now > worker.since + limit and not worker.late:
                log.error("prediction takes too long, its worker is killed", worker=number, seconds=limit)
                worker.late = True
                worker.kill()
        for worker in self._workers.values():
            for late in [each for each in worker.own if not isinstance(each, bytes) and now > each.arrived + limit]:
                worker.own.remove(late)
                late.answer(reply_of(BusyError(f"The session's worker was not free for {limit} s; try again.")))
        while self._waiting and (self._waiting[0].gone or now > self._waiting[0].arrived + limit):
            self._waiting.popleft().answer(reply_of(BusyError(f"No worker was free for {limit} s; try again.")))
        if self._refused:
            log.error("requests refused, the queue is full", requests=self._refused, queue=self._config.max_queue)
            self._refused = 0

    async def stop(self) -> None:
        """End the workers. What waits is not answered any more."""
        self._stopping = True
        self.settled.set()
        self._fail_waiting(BusyError("The container is being stopped."))
        for worker in self._workers.values():
            worker.stop()
        if self._keepers:
            _, late = await asyncio.wait(self._keepers, timeout=STOP_SECONDS)
            if late:
                log.error("killed workers that did not stop", seconds=STOP_SECONDS)
                for worker in self._workers.values():
                    worker.kill()
            await asyncio.gather(*self._keepers)

    def _dispatch_soon(self) -> None:
        """Once for all requests that came together, so that a worker takes them together."""
        if self._idle and not self._dispatching:
            self._dispatching = True
            self._loop.call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._dispatching = False
        if self._bound:
            self._dispatch_own()
        while self._idle and self._waiting:
            share = -(-len(self._waiting) // len(self._idle))
            worker = self._idle.pop()
            batch = self._take(min(share, worker.at_once))
            if batch:
                worker.send(batch)
            else:
                self._idle.append(worker)

    def _dispatch_own(self) -> None:
        """What workers have of their own, where it is their turn."""
        before = self._waiting[0].arrived if self._waiting else math.inf
        for worker in [worker for worker in self._idle if worker.own]:
            exchange = worker.next_own(before=before)
            if exchange is not None:
                self._idle.remove(worker)
                worker.send([exchange])
        self._bound = any(worker.own for worker in self._workers.values())

    def _take(self, number: int) -> list[Exchange]:
        batch: list[Exchange] = []
        while self._waiting and len(batch) < number:
            if self._waiting[0].alone and batch:
                break
            exchange = self._waiting.popleft()
            if exchange.gone:
                continue
            batch.append(exchange)
            if exchange.alone:
                break
        return batch

    def _fail_waiting(self, reason: ServingError) -> None:
        while self._waiting:
            self._waiting.popleft().answer(reply_of(reason))
        for worker in self._workers.values():
            _fail_own(worker, reason)

    async def _keep(self, number: int) -> None:
        """Run one worker after the other; return when the container stops or it makes no sense to go on."""
        deaths = 0
        while not self._stopping:
            try:
                worker = self._workers[number] = Worker(self, number, self._loop)
            except OSError as reason:  # no memory or no descriptors for one more process
                log.error("worker cannot be started", worker=number, error=os.strerror(reason.errno or 0))
                deaths += 1
                if self._give_up(deaths, out_of_memory=True):
                    return
                await asyncio.sleep(START_AGAIN_SECONDS)
                continue
            await worker.connect()
            code = await worker.ended
            await asyncio.sleep(0)  # for what it said before its end
            if worker in self._idle:
                self._idle.remove(worker)
            deaths = deaths + 1 if worker.state is State.LOADING else 0
            worker.state = State.LOADING
            self._fail(worker)
            worker.close()
            if self._stopping:
                return
            if self._give_up(deaths, out_of_memory=code == -Signals.SIGKILL):
                log.error("giving up: a worker keeps dying before its model is loaded", worker=number, exit=_told(code))
                return
            log.error("worker died and is replaced", worker=number, exit=_told(code))

    def _give_up(self, deaths: int, *, out_of_memory: bool) -> bool:
        if deaths < (DEATHS_WHILE_LOADING if self._was_ready else self._deaths_before_ready):
            return False
        self.out_of_memory = out_of_memory
        self.settled.set()
        self.gave_up.set()
        return True

    def _fail(self, worker: Worker) -> None:
        """Fail what a dead worker was answering. Which request of a batch killed it shows when each is asked alone."""
        batch, worker.batch = worker.batch, deque()
        _fail_own(worker, WorkerDiedError("The worker that held the session died; open another one."))
        streamed = batch[0].stream if batch else None
        if streamed is not None:  # it is the one that died with its worker; the others were not begun
            streamed.fail()
            batch.popleft().advance()
        if worker.late and streamed is None:
            limit = self._config.timeout_seconds
            reason: ServingError = PredictionTimeoutError(f"The prediction took longer than {limit} s and was ended.")
        elif (len(batch) > 1 or streamed is not None) and not self._stopping:
            for exchange in reversed(batch):
                exchange.alone = streamed is None
                self._waiting.appendleft(exchange)
            self._dispatch_soon()
            return
        else:
            reason = WorkerDiedError("The worker died while it answered this request; the container's log says how.")
        for exchange in batch:
            exchange.answer(reply_of(reason))


def _fail_own(worker: Worker, reason: ServingError) -> None:
    while worker.own:
        waiting = worker.own.popleft()
        if not isinstance(waiting, bytes):
            waiting.answer(reply_of(reason))


def _loading() -> BusyError:
    return BusyError("The model is being loaded; try again.")


def _load_failed() -> LoadFailedError:
    return LoadFailedError("The model could not be loaded; the traceback is in the container's log.")


def _told(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    number = Signals(-code)
    return f"{number.name}, often for want of memory" if number is Signals.SIGKILL else number.name
