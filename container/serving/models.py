"""The models of a multi-model endpoint: each with workers of its own, loaded and unloaded while others answer.

With a bound on memory, a model that does not fit any more is made room for: those that were not asked for the longest
time are unloaded, unless they are answering.
"""

import asyncio
import pwd
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from serving import log
from serving.backend import Gauges, Tally
from serving.config import Config
from serving.errors import (
    BusyError,
    InvalidModelError,
    ModelLoadedError,
    ModelNotLoadedError,
    NoMemoryError,
    ServingError,
)
from serving.exchange import Exchange
from serving.pool import Pool


@dataclass(kw_only=True)
class LoadedModel:
    """One model.

    Attributes:
        name: What SageMaker calls it.
        url: Its directory, as SageMaker wrote it.
        pool: Its workers.
        ready: It is loaded.
        used: When it was asked last.
    """

    name: str
    url: str
    pool: Pool
    ready: bool = False
    used: float = field(default_factory=time.monotonic)


class Models:
    """Loaded models, by name.

    Attributes:
        tally: What is counted of all of them.

    Args:
        config: The container's settings.
        worker_user: Whom workers are. Without it, the same user as this process.
    """

    def __init__(self, config: Config, *, worker_user: pwd.struct_passwd | None = None) -> None:
        self._config = config
        self._worker_user = worker_user
        self.tally = Tally()
        self._models: dict[str, LoadedModel] = {}
        self._leaving: list[LoadedModel] = []  # unloaded, and still answering
        self._ending: set[asyncio.Future[None]] = set()
        self._room = asyncio.Lock()
        self._stopping = False

    @property
    def ready(self) -> Mapping[str, LoadedModel]:
        """Those that can be asked."""
        return {name: model for name, model in self._models.items() if model.ready}

    @property
    def busy(self) -> bool:
        """Whether any of them has a request."""
        return any(model.pool.busy for model in (*self._models.values(), *self._leaving))

    def gauges(self) -> Gauges:
        """All of theirs together."""
        each = [model.pool.gauges() for model in (*self._models.values(), *self._leaving)]
        return Gauges(
            waiting=sum(one.waiting for one in each),
            in_flight=sum(one.in_flight for one in each),
            ready_workers=sum(one.ready_workers for one in each),
            load_seconds=max((one.load_seconds for one in each), default=0.0),
            models=len(self.ready),
        )

    def get(self, name: str) -> LoadedModel:
        """One that can be asked.

        Raises:
            ModelNotLoadedError: There is none of that name.
        """
        model = self._models.get(name)
        if model is None or not model.ready:
            raise ModelNotLoadedError(f"The model {name[:200]} is not loaded.")
        return model

    def submit(self, name: str, exchange: Exchange) -> None:
        """Have a request answered by a model.

        Raises:
            ModelNotLoadedError: There is none of that name.
            BusyError: Too many requests wait for it.
        """
        model = self.get(name)
        model.used = time.monotonic()
        model.pool.submit(exchange)

    async def load(self, name: str, url: str) -> None:
        """Load a model.

        Raises:
            InvalidModelError: The URL is no directory below the models' folder.
            ModelLoadedError: There is one of that name.
            NoMemoryError: It needs more memory than there is.
            LoadFailedError: It could not be loaded; the traceback is in the log.
        """
        if name in self._models:
            raise ModelLoadedError(f"The model {name} is loaded already.")
        config = replace(self._config, model_dir=self._directory(url))
        pool = Pool(config, worker_user=self._worker_user, model=name, tally=self.tally)
        model = self._models[name] = LoadedModel(name=name, url=url, pool=pool)
        pool.start()
        await pool.crew.settled.wait()
        try:
            if self._stopping:
                raise BusyError("The container is being stopped.")
            if pool.crew.out_of_memory:
                raise NoMemoryError(f"There is not enough memory to load the model {name}.")
            pool.require_ready()
            async with self._room:
                await self._make_room(model)
        except ServingError:
            self._models.pop(name, None)
            await pool.stop()
            raise
        model.ready = True
        model.used = time.monotonic()
        log.info("ready", **pool.crew.banner, memory_mib=pool.crew.memory_mib())

    async def unload(self, name: str) -> None:
        """Unload a model, after its requests are answered.

        Raises:
            ModelNotLoadedError: There is none of that name.
        """
        await self._end(self.get(name))

    def tick(self, now: float) -> None:
        """Look for what takes too long, and for models whose workers keep dying."""
        for model in (*self._models.values(), *self._leaving):
            model.pool.tick(now)
            if self._models.get(model.name) is model and model.ready and model.pool.gave_up.is_set():
                log.error("model is unloaded, its workers keep dying", model=model.name)
                del self._models[model.name]
                ending = asyncio.ensure_future(model.pool.stop())
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        """End all of them."""
        self._stopping = True
        models = (*self._models.values(), *self._leaving)
        await asyncio.gather(*self._ending, *(model.pool.stop() for model in models))

    async def _end(self, model: LoadedModel) -> None:
        if self._models.get(model.name) is model:
            del self._models[model.name]
        self._leaving.append(model)
        while model.pool.busy:  # noqa: ASYNC110 - each request ends within its own limit
            await asyncio.sleep(0.01)
        await model.pool.stop()
        self._leaving.remove(model)

    async def _make_room(self, model: LoadedModel) -> None:
        """Unload models until all that are left are within the bound."""
        bound = self._config.model_memory_mib
        if bound is None:
            return
        others = [each for each in self._models.values() if each.ready]
        needed = {each.name: each.pool.crew.memory_mib() for each in (*others, model)}
        excess = sum(needed.values()) - bound
        idle = sorted((each for each in others if not each.pool.busy), key=lambda each: each.used)
        if excess > sum(needed[each.name] for each in idle):
            raise NoMemoryError(
                f"The model {model.name} needs {needed[model.name]} MiB; SERVING_MODEL_MEMORY_IN_MIB leaves all models "
                f"{bound} MiB, and those that are answering are not unloaded."
            )
        for each in idle:
            if excess <= 0:
                return
            log.info("model is unloaded to make room", model=each.name, memory_mib=needed[each.name])
            excess -= needed[each.name]
            await self._end(each)

    def _directory(self, url: str) -> Path:
        """The directory, which no link and no dots lead out of the models' folder."""
        base = self._config.models_dir
        try:
            directory = Path(url).resolve()
            inside = Path(url).is_absolute() and base.resolve() in directory.parents and directory.is_dir()
        except (OSError, ValueError, RuntimeError):  # no path, or links that go in circles
            inside = False
        if not inside:
            raise InvalidModelError(f"url must be a directory below {base}.")
        return directory
