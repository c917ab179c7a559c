"""HTTP: SageMaker's routes as a bare ASGI application.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and, for `/execution-parameters`,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import orjson

from serving import codec, log
from serving.config import MIB, Config
from serving.errors import (
    BodyTooLargeError,
    LoadFailedError,
    MethodNotAllowedError,
    NotReadyError,
    RequestError,
    RouteNotFoundError,
    ServingError,
)
from serving.handler import Request, Response
from serving.readiness import Readiness, State

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class _Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[Scope, Receive], Awaitable[_Reply]]


class _ClientGoneError(Exception):
    """The client closed the connection before its request was complete: nobody is left to answer."""


class Application:
    """The routes around one handler.

    Attributes:
        handler: Answers `/invocations`. Set before the worker's state is `READY`, and not called before that.

    Args:
        config: Limits and what `/execution-parameters` tells batch transform.
        worker: The number of the worker that this application runs in.
        readiness: The state of all workers.
        predicting: Runs the handler, so that the event loop stays free for `/ping`.
    """

    handler: Callable[[Request], Response]

    def __init__(self, config: Config, *, worker: int, readiness: Readiness, predicting: Executor) -> None:
        self._config = config
        self._worker = worker
        self._readiness = readiness
        self._predicting = predicting
        self._routes: dict[str, dict[str, Route]] = {
            "/ping": {"GET": self._ping, "POST": self._ping},
            "/invocations": {"POST": self._invoke},
            "/execution-parameters": {"GET": self._execution_parameters},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        path, method = scope["path"], scope["method"]
        try:
            reply = await self._route(path, method)(scope, receive)
        except _ClientGoneError:
            return
        except RequestError as reason:
            log.info("request refused", path=path, status=reason.status, error=type(reason).__name__)
            reply = _refusal(reason)
        except (NotReadyError, LoadFailedError) as reason:
            reply = _refusal(reason)
        except ServingError as reason:
            log.error("request failed", path=path, status=reason.status, traceback_of=reason)
            reply = _refusal(reason)
        except Exception as reason:  # noqa: BLE001 - whatever it was, the client gets an answer and the server goes on
            log.error("request failed", path=path, status=500, traceback_of=reason)
            reply = _refusal(ServingError("The server failed; the traceback is in the container's log."))
        headers = {**reply.headers, "content-length": str(len(reply.body))}
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
        await send({"type": "http.response.body", "body": reply.body})

    def _route(self, path: str, method: str) -> Route:
        methods = self._routes.get(path)
        if methods is None:
            raise RouteNotFoundError(f"There is no {path} here; the routes are {', '.join(self._routes)}.")
        if method not in methods:
            raise MethodNotAllowedError(f"{path} takes {' or '.join(methods)}, not {method}.", allowed=tuple(methods))
        return methods[method]

    async def _ping(self, _scope: Scope, _receive: Receive) -> _Reply:
        _require_ready(self._readiness.overall())
        return _Reply(status=200)

    async def _invoke(self, scope: Scope, receive: Receive) -> _Reply:
        _require_ready(self._readiness[self._worker])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(body=await self._body(headers, receive), headers=headers)
        response = await asyncio.get_running_loop().run_in_executor(self._predicting, self.handler, request)
        return _Reply(status=200, body=response.body, headers={"content-type": response.content_type})

    async def _execution_parameters(self, _scope: Scope, _receive: Receive) -> _Reply:
        limit = self._config.max_body_bytes
        parameters = {
            "MaxConcurrentTransforms": self._config.max_concurrent_transforms,
            "BatchStrategy": self._config.batch_strategy,
            "MaxPayloadInMB": limit // MIB if limit is not None else 0,
        }
        return _Reply(status=200, body=orjson.dumps(parameters), headers={"content-type": codec.JSON})

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        limit = self._config.max_body_bytes
        if limit is not None and int(headers.get("content-length", "0")) > limit:
            raise _too_large(limit)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGoneError
            body += message.get("body", b"")
            if limit is not None and len(body) > limit:
                raise _too_large(limit)
            if not message.get("more_body", False):
                return bytes(body)


def _require_ready(state: State) -> None:
    if state is State.LOADING:
        raise NotReadyError("The model is being loaded; try again.")
    if state is State.FAILED:
        raise LoadFailedError("The model could not be loaded; the traceback is in the container's log.")


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The body is larger than {limit} bytes; SAGEMAKER_MAX_PAYLOAD_IN_MB sets the limit.")


def _refusal(reason: ServingError) -> _Reply:
    headers = {"content-type": "text/plain; charset=utf-8"}
    if isinstance(reason, MethodNotAllowedError):
        headers["allow"] = ", ".join(reason.allowed)
    return _Reply(status=reason.status, body=str(reason).encode(), headers=headers)
