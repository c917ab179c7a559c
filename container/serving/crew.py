"""The worker processes of one model: as many as the configuration says, and others for those that die or hang."""

import asyncio
import os
import pwd
from collections.abc import Iterator, Mapping
from signal import Signals
from typing import Any, Protocol

from serving import log, requirements
from serving.backend import Tally
from serving.config import Config
from serving.errors import BusyError, LoadFailedError, ServingError
from serving.memory import memory_mib
from serving.privileges import environment_of
from serving.process import Starter
from serving.starter import FromTemplate, Separately
from serving.worker_process import State, Worker

DEATHS_WHILE_LOADING = 3
"""How often in a row a worker may die before its model is loaded; then the container ends, rather than never be up."""

START_AGAIN_SECONDS = 1
"""How long to wait after a process could not be started."""

STOP_SECONDS = 3
"""How long a worker may take to end after its last answer."""


class Work(Protocol):
    """What the workers are there for."""

    def free(self, worker: Worker) -> None:
        """A worker has answered all it had."""

    def lost(self, worker: Worker) -> None:
        """A worker died."""

    def fail(self, reason: ServingError) -> None:
        """No worker will answer what waits."""


class Crew:
    """Keeps the workers running.

    Attributes:
        model_dir: What they load.
        model: The model's name, if there are several.
        ready: The workers that have loaded the model.
        stream_seconds: How long a streamed response may take.
        gave_up: Done when it makes no sense to start workers any more.
        settled: Done when it is known whether the model can be loaded.
        out_of_memory: It could not, for want of memory.
        free: Takes a worker that has answered all it had.

    Args:
        config: The container's settings.
        work: What the workers are there for.
        tally: Counts those that are replaced.
        user: Whom workers are. None for the same user as this process.
        model: The model's name, if there are several: then it may not take others down, and gets one try to be loaded.
    """

    def __init__(
        self, config: Config, work: Work, *, tally: Tally, user: pwd.struct_passwd | None, model: str | None
    ) -> None:
        self._config = config
        self._work = work
        self._tally = tally
        self._user = user
        self.model_dir = config.model_dir
        self.model = model
        self.stream_seconds = config.stream_seconds
        self.free = work.free
        self.gave_up = asyncio.Event()
        self.settled = asyncio.Event()
        self.out_of_memory = False
        self._about: dict[str, Any] = {} if model is None else {"model": model}
        self._loop = asyncio.get_running_loop()
        self._workers: dict[int, Worker] = {}
        self.ready: list[Worker] = []
        self._packages: requirements.Packages | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._starter: Starter | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._was_ready = False
        self._cannot_start = False
        self._stopping = False

    def __iter__(self) -> Iterator[Worker]:
        """All workers, however far they are."""
        return iter(self._workers.values())

    @property
    def load_seconds(self) -> float:
        """How long the slowest worker took to load the model."""
        return max((worker.says.get("seconds", 0.0) for worker in self._workers.values()), default=0.0)

    @property
    def banner(self) -> Mapping[str, object]:
        """What the log tells of a model that is loaded."""
        worker = next(iter(self._workers.values()))
        told = {"model_dir": self.model_dir, "workers": self._config.workers, "port": self._config.port}
        return {**self._about, **worker.says, "batch": worker.at_once, "seconds": self.load_seconds, **told}

    def memory_mib(self) -> int:
        """What the workers take, in MiB."""
        return sum(memory_mib(worker.process) for worker in self._workers.values() if worker.process is not None)

    def start(self) -> None:
        """Start the workers, once what they import is there."""
        self._preparing = asyncio.create_task(self._prepare())

    def require_loaded(self) -> None:
        """Tell whether the model is loaded.

        It is when all workers have loaded it. Once they had, it stays so while a lost worker is being replaced and
        another one answers. A worker whose load failed makes it fail: the next load would fail as well.

        Raises:
            BusyError: It is being loaded.
            LoadFailedError: It could not be loaded.
        """
        states = [worker.state for worker in self._workers.values()]
        if self._cannot_start or self.gave_up.is_set() or State.FAILED in states:
            raise _load_failed()
        if not self._was_ready or State.READY not in states:
            raise _loading()

    def require_workers(self) -> list[Worker]:
        """Those that have loaded the model.

        Raises:
            BusyError: None has, yet.
            LoadFailedError: None could.
        """
        if not self.ready:
            failed = self._cannot_start or any(worker.state is State.FAILED for worker in self._workers.values())
            raise _load_failed() if failed else _loading()
        return self.ready

    def loaded(self, worker: Worker) -> None:
        """A worker says that it has loaded the model, or failed to."""
        if worker.ready:
            self.ready.append(worker)
        states = {each.state for each in self._workers.values()}
        if states == {State.READY} and len(self._workers) == self._config.workers and not self._was_ready:
            self._was_ready = True
            self.settled.set()
            if self.model is None:
                log.info("ready", **self.banner)
        if worker.state is State.FAILED:
            self.out_of_memory = self.out_of_memory or worker.out_of_memory
            self.settled.set()
        if worker.state is State.FAILED and states == {State.FAILED}:
            self._work.fail(_load_failed())

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        limit = self._config.timeout_seconds
        for number, worker in self._workers.items():
            if worker.batch:
                worker.stream.end_if_late(now)
            if worker.batch and now > worker.since + limit and not worker.late:
                log.error(
                    "prediction takes too long, its worker is killed", **self._about, worker=number, seconds=limit
                )
                worker.late = True
                worker.kill()

    async def stop(self) -> None:
        """End the workers, and delete what was installed for them."""
        self._stopping = True
        self.settled.set()
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)
        for worker in self._workers.values():
            worker.stop()
        if self._keepers:
            _, late = await asyncio.wait(self._keepers, timeout=STOP_SECONDS)
            if late:
                log.error("killed workers that did not stop", **self._about, seconds=STOP_SECONDS)
                for worker in self._workers.values():
                    worker.kill()
            await asyncio.gather(*self._keepers)
        if self._starter is not None:
            await self._starter.stop()
        if self._packages is not None:
            await self._packages.remove()

    async def _prepare(self) -> None:
        code, allowed = self.model_dir / "code", self._config.install_requirements
        try:
            self._packages = await requirements.prepare(code, allowed=allowed, user=self._user)
        except Exception as reason:  # noqa: BLE001 - whatever it was, nobody waits for workers that never start
            log.error("model could not be loaded", **self._about, traceback_of=reason)
            self._cannot_start = True
            self.settled.set()
            return
        self._starter = self._starting()
        self._keepers = [
            asyncio.create_task(self._keep(number, self._starter)) for number in range(self._config.workers)
        ]

    def _popen(self) -> dict[str, Any]:
        """What makes a process the workers' user's, and lets it import what was installed."""
        env = dict(os.environ)
        if self._packages is not None:
            env |= self._packages.environment(env)
        if self._user is None:
            return {"env": env}
        env |= environment_of(self._user)
        return {"env": env, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _starting(self) -> Starter:
        if self._config.preload and self._config.workers > 1:
            name = "template" if self.model is None else f"template-{self.model}"
            return FromTemplate(name, self.model_dir, self._popen())
        return Separately(self.model_dir, self._popen())

    async def _keep(self, number: int, starter: Starter) -> None:
        """Run one worker after the other; return when the container stops or it makes no sense to go on."""
        deaths = 0
        while not self._stopping:
            try:
                worker = self._workers[number] = Worker(self, number, self._loop, starter)
            except (
                OSError
            ) as reason:  # no memory or no descriptors for one more process, or Python is not for this user
                log.error("worker cannot be started", **self._about, worker=number, error=str(reason))
                if self.model is not None and not self._was_ready:
                    self._give_up(out_of_memory=True)
                    return
                await asyncio.sleep(START_AGAIN_SECONDS)
                continue
            await worker.connect()
            code = await worker.ended
            await asyncio.sleep(0)  # for what it said before its end
            deaths = deaths + 1 if worker.state is State.LOADING else 0
            worker.state = State.LOADING
            if worker in self.ready:
                self.ready.remove(worker)
            self._work.lost(worker)
            worker.close()
            if self._stopping:
                return
            told: dict[str, Any] = {**self._about, "worker": number, "exit": _told(code)}
            if deaths >= (DEATHS_WHILE_LOADING if self._was_ready or self.model is None else 1):
                self._give_up(out_of_memory=code == -Signals.SIGKILL)
                log.error("giving up: a worker keeps dying before its model is loaded", **told)
                return
            self._tally.restarts += 1
            log.error("worker died and is replaced", **told)

    def _give_up(self, *, out_of_memory: bool) -> None:
        self.out_of_memory = out_of_memory
        self.settled.set()
        self.gave_up.set()


def _loading() -> BusyError:
    return BusyError("The model is being loaded; try again.")


def _load_failed() -> LoadFailedError:
    return LoadFailedError("The model could not be loaded; the traceback is in the container's log.")


def _told(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    number = Signals(-code)
    return f"{number.name}, often for want of memory" if number is Signals.SIGKILL else number.name
