"""SageMaker's routes, and what connections need to know of each other.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and, for `/execution-parameters`,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from email.utils import formatdate

import orjson

from serving.backend import Backend, Methods, Route
from serving.config import MIB, Config
from serving.error_reply import refused, reply_of
from serving.errors import MethodNotAllowedError, RequestError, RouteNotFoundError, ServingError
from serving.exchange import Exchange, Reply
from serving.websocket import Client


class Server:
    """The routes around the workers.

    Attributes:
        connections: Those that are open.
        draining: Every reply is the last one of its connection.

    Args:
        config: Limits and what `/execution-parameters` tells batch transform.
        backend: Answers requests to models.
    """

    def __init__(self, config: Config, backend: Backend) -> None:
        self._config = config
        self._backend = backend
        self.max_body_bytes = config.max_body_bytes
        self.client_seconds = float(config.client_seconds)
        self.draining = False
        self.date = b""
        self.connections: set[Client] = set()
        self._routes: dict[str, Methods] = {
            "/ping": {b"GET": self._ping, b"POST": self._ping},
            **backend.routes,
            "/execution-parameters": {b"GET": self._execution_parameters},
        }
        self.tick(0)

    def check(self, exchange: Exchange) -> None:
        """Refuse what has no route.

        Raises:
            RequestError: The path or its method does not exist.
        """
        self._route(exchange)

    def handle(self, exchange: Exchange) -> None:
        """Answer a complete request, now or later."""
        try:
            self._route(exchange)(exchange)
        except RequestError as reason:
            exchange.answer(self.refused(exchange, reason))
        except ServingError as reason:
            exchange.answer(reply_of(reason))

    def refused(self, exchange: Exchange | None, reason: RequestError) -> Reply:
        """Log the refusal, and write it."""
        return refused(exchange, reason)

    def opened(self, connection: Client) -> None:
        """A client connected."""
        self.connections.add(connection)

    def closed(self, connection: Client) -> None:
        """Its connection is gone."""
        self.connections.discard(connection)

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        self.date = formatdate(usegmt=True).encode()
        for connection in list(self.connections):
            connection.tick(now)

    def _route(self, exchange: Exchange) -> Route:
        path = exchange.path
        methods = self._routes.get(path) or self._backend.find(path)
        if methods is None:
            raise RouteNotFoundError(f"There is no {path[:200]} here; the routes are {', '.join(self._routes)}.")
        route = methods.get(exchange.method)
        if route is None:
            allowed = tuple(method.decode() for method in methods)
            method = exchange.method.decode("latin-1")
            raise MethodNotAllowedError(f"{path} takes {' or '.join(allowed)}, not {method}.", allowed=allowed)
        return route

    def _ping(self, exchange: Exchange) -> None:
        self._backend.require_ready()
        exchange.answer(Reply(status=200))

    def _execution_parameters(self, exchange: Exchange) -> None:
        limit = self._config.max_body_bytes
        parameters = {
            "MaxConcurrentTransforms": self._config.max_concurrent_transforms,
            "BatchStrategy": self._config.batch_strategy,
            "MaxPayloadInMB": limit // MIB if limit is not None else 0,
        }
        body = orjson.dumps(parameters)
        exchange.answer(Reply(status=200, body=body, headers={b"content-type": b"application/json"}))
