"""The multi-model API: load, list, get, unload, invoke.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

import asyncio
import pwd
import re
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from serving.backend import Methods
from serving.config import Config
from serving.error_reply import reply_of
from serving.errors import InvalidModelError, ServingError
from serving.exchange import Exchange, json_reply
from serving.models import LoadedModel, Models

MODELS, MODEL, INVOKE = "/models", "/models/{name}", "/models/{name}/invoke"

PAGE = 100
"""How many models a list has, if the request does not say."""

MAX_PAGE = 1000

_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,256}")


class ModelRoutes:
    """The API, in front of the registry.

    Attributes:
        gave_up: Never done: one model's failure leaves the others.
        tally: What is counted of all models.
        routes: Those of fixed paths.

    Args:
        config: The container's settings.
        worker_user: Whom workers are. Without it, the same user as this process.
    """

    def __init__(self, config: Config, *, worker_user: pwd.struct_passwd | None = None) -> None:
        self._models = Models(config, worker_user=worker_user)
        self._tasks: set[asyncio.Task[None]] = set()
        self.gave_up = asyncio.Event()
        self.routes: Mapping[str, Methods] = {MODELS: {b"GET": self._list, b"POST": self._load}}
        self.tick = self._models.tick
        self.tally = self._models.tally
        self.gauges = self._models.gauges

    def find(self, path: str) -> tuple[str, Methods] | None:
        """`/models/{name}` and `/models/{name}/invoke`."""
        match path.split("/"):
            case ["", "models", name]:
                name = unquote(name)
                return MODEL, {b"GET": partial(self._get, name), b"DELETE": partial(self._unload, name)}
            case ["", "models", name, "invoke"]:
                return INVOKE, {b"POST": partial(self._models.submit, unquote(name))}
        return None

    @property
    def busy(self) -> bool:
        """Whether a model has a request."""
        return self._models.busy

    def start(self) -> None:
        """There is nothing to load yet."""

    def require_ready(self) -> None:
        """A container without models is healthy: it waits to be told which."""

    async def stop(self) -> None:
        """End all models."""
        await self._models.stop()
        await asyncio.gather(*self._tasks)

    def _load(self, exchange: Exchange) -> None:
        name, url = _asked(exchange)
        self._answer_after(exchange, self._models.load(name, url), f"The model {name} is loaded.")

    def _unload(self, name: str, exchange: Exchange) -> None:
        self._answer_after(exchange, self._models.unload(name), f"The model {name} is unloaded.")

    def _get(self, name: str, exchange: Exchange) -> None:
        exchange.answer(json_reply(_told(self._models.get(name))))

    def _list(self, exchange: Exchange) -> None:
        query = parse_qs(exchange.query.decode("latin-1"))
        limit = query.get("limit", [str(PAGE)])[-1]
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MAX_PAGE):
            raise InvalidModelError(f"limit must be a whole number from 1 to {MAX_PAGE}.")
        after = query.get("next_page_token", [""])[-1]
        models = sorted((model for name, model in self._models.ready.items() if name > after), key=lambda m: m.name)
        page = models[: int(limit)]
        more = {"nextPageToken": page[-1].name} if len(models) > len(page) else {}
        exchange.answer(json_reply({"models": [_told(model) for model in page], **more}))

    def _answer_after(self, exchange: Exchange, work: Coroutine[Any, Any, None], done: str) -> None:
        task = asyncio.ensure_future(_answered(exchange, work, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answered(exchange: Exchange, work: Coroutine[Any, Any, None], done: str) -> None:
    try:
        await work
    except ServingError as reason:
        exchange.answer(reply_of(reason))
    else:
        exchange.answer(json_reply({"status": done}))


def _asked(exchange: Exchange) -> tuple[str, str]:
    """Name and URL in a request to load a model."""
    try:
        asked = orjson.loads(exchange.body)
    except ValueError:
        asked = None
    match asked:
        case {"model_name": str(name), "url": str(url)} if _NAME.fullmatch(name):
            return name, url
    raise InvalidModelError(
        'The body must be JSON of the form {"model_name": "...", "url": "..."}; a name is 1 to 256 letters, digits, '
        "., _ and -."
    )


def _told(model: LoadedModel) -> dict[str, str]:
    return {"modelName": model.name, "modelUrl": model.url}
