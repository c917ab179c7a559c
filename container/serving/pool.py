"""The one queue of a model's requests, and which worker takes what of it.

A worker that becomes free takes what waits, up to the number it takes at once, once its replies are written and what
has arrived meanwhile is read. It never waits for more. Workers that die are replaced; what they were answering fails,
and nothing else does.
"""

import asyncio
import math
import pwd
import time
from collections import deque
from collections.abc import Mapping

from serving import log
from serving.backend import Gauges, Methods, Tally
from serving.config import Config
from serving.crew import Crew
from serving.error_reply import reply_of
from serving.errors import BusyError, PredictionTimeoutError, RouteNotFoundError, ServingError, WorkerDiedError
from serving.exchange import Exchange
from serving.handshake import require_handshake
from serving.rows import rows_of
from serving.worker_process import Worker


class Pool:
    """Keeps all workers of one model busy.

    Attributes:
        crew: The workers.
        gave_up: Done when it makes no sense to start workers any more.
        tally: What is counted.

    Args:
        config: The container's settings.
        worker_user: Whom workers are. Without it, the same user as this process.
        model: The model's name, if there are several.
        tally: Counts for several pools. Without it, there is one of this pool alone.
    """

    def __init__(
        self,
        config: Config,
        *,
        worker_user: pwd.struct_passwd | None = None,
        model: str | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Exchange] = deque()
        self._idle: list[Worker] = []
        self._dispatching = False
        self._stopping = False
        self._refused = 0
        self._bound = False  # a worker may have something of its own
        self.tally = tally if tally is not None else Tally()
        self.crew = Crew(config, self, tally=self.tally, user=worker_user, model=model)
        self.gave_up = self.crew.gave_up
        self.start = self.crew.start
        self.require_ready = self.crew.require_loaded

    @property
    def busy(self) -> bool:
        """Whether a request waits or is being answered."""
        return bool(self._waiting) or any(worker.batch or worker.own for worker in self.crew)

    @property
    def routes(self) -> Mapping[str, Methods]:
        """Those of the model."""
        return {"/invocations": {b"POST": self.submit}, "/invocations-bidirectional-stream": {b"GET": self.converse}}

    def find(self, _path: str) -> tuple[str, Methods] | None:
        """There are no other routes."""
        return None

    def gauges(self) -> Gauges:
        """How it is."""
        waiting = len(self._waiting)
        in_flight = 0
        for worker in self.crew:
            in_flight += len(worker.batch)
            waiting += sum(not isinstance(each, bytes) for each in worker.own)
        ready, load_seconds = len(self.crew.ready), self.crew.load_seconds
        return Gauges(waiting=waiting, in_flight=in_flight, ready_workers=ready, load_seconds=load_seconds)

    def submit(self, exchange: Exchange) -> None:
        """Have a request answered by the next free worker.

        Raises:
            BusyError: No worker has loaded its model, or too many requests wait.
            LoadFailedError: No worker could load it.
        """
        if not self._idle:
            self.crew.require_workers()
            self._require_room(len(self._waiting))
        exchange.arrived = time.monotonic()
        self._waiting.append(exchange)
        self._dispatch_soon()

    def converse(self, exchange: Exchange) -> None:
        """Have a WebSocket answered by the next free worker.

        Raises:
            RequestError: The request opens no WebSocket, or the handler has no function for it.
            BusyError: Every worker is in a conversation, or will be.
        """
        require_handshake(exchange)
        workers = self.crew.require_workers()
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
        exchange.arrived = time.monotonic()
        worker.own.append(exchange)
        self._bound = True
        self._dispatch_soon()

    def forget(self, worker: Worker, session: bytes) -> None:
        """Have a worker forget a session, after the requests of it that wait."""
        worker.own.append(session)
        self._bound = True
        self._dispatch_soon()

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        self.crew.tick(now)
        limit = self._config.timeout_seconds
        for worker in self.crew:
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
        self.fail(BusyError("The container is being stopped."))
        await self.crew.stop()

    # What the crew calls

    def free(self, worker: Worker) -> None:
        """A worker has answered all it had."""
        if worker.late:
            return
        self._idle.append(worker)
        if len(self._waiting) >= worker.at_once:
            self._dispatch()
        elif (self._waiting or self._bound) and not self._dispatching:
            # By the time that all replies are written, those who got them may have sent their next requests.
            self._dispatching = True
            self._loop.call_soon(self._loop.call_soon, self._dispatch)

    def lost(self, worker: Worker) -> None:
        """A worker died: fail what it was answering.

        Which request of a batch killed it shows when each is asked alone.
        """
        if worker in self._idle:
            self._idle.remove(worker)
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

    def fail(self, reason: ServingError) -> None:
        """No worker will answer what waits."""
        while self._waiting:
            self._waiting.popleft().answer(reply_of(reason))
        for worker in self.crew:
            _fail_own(worker, reason)

    def _require_room(self, waiting: int) -> None:
        if waiting >= self._config.max_queue:
            self._refused += 1
            raise BusyError("Too many requests wait; try again. SERVING_MAX_QUEUE sets how many may.")

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
                self._send(worker, batch)
            else:
                self._idle.append(worker)

    def _dispatch_own(self) -> None:
        """What workers have of their own, where it is their turn."""
        before = self._waiting[0].arrived if self._waiting else math.inf
        for worker in [worker for worker in self._idle if worker.own]:
            exchange = worker.next_own(before=before)
            if exchange is not None:
                self._idle.remove(worker)
                self._send(worker, [exchange])
        self._bound = any(worker.own for worker in self.crew)

    def _send(self, worker: Worker, batch: list[Exchange]) -> None:
        self.tally.batch_sizes[len(batch)] += 1
        worker.send(batch)

    def _take(self, number: int) -> list[Exchange]:
        """The next requests, up to a number of them, and of rows unless the first one has more."""
        batch: list[Exchange] = []
        rows = 0
        while self._waiting and len(batch) < number:
            exchange = self._waiting[0]
            if exchange.alone and batch:
                break
            if number > 1 and not exchange.gone:
                rows += rows_of(exchange.headers, exchange.body)
                if rows > self._config.max_batch_rows and batch:
                    break
            self._waiting.popleft()
            if exchange.gone:
                continue
            batch.append(exchange)
            if exchange.alone:
                break
        return batch


def _fail_own(worker: Worker, reason: ServingError) -> None:
    while worker.own:
        waiting = worker.own.popleft()
        if not isinstance(waiting, bytes):
            waiting.answer(reply_of(reason))
