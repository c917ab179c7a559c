"""SageMaker's routes, and what connections need to know of each other.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and, for `/execution-parameters`,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from collections.abc import Callable
from email.utils import formatdate

import orjson

from serving.config import MIB, Config
from serving.connection import Connection
from serving.errors import MethodNotAllowedError, RequestError, RouteNotFoundError, ServingError
from serving.exchange import Exchange, Reply
from serving.metrics import Metrics
from serving.pool import Pool, reply_of
from serving.request_log import RequestLog

Route = Callable[[Exchange], None]


class Server:
    """The routes around a pool of workers.

    Attributes:
        connections: Those that are open.
        draining: Every reply is the last one of its connection.
        metrics: What is counted, if anything is.
        follows: Whether it wants to know of replies that are no failure.

    Args:
        config: Limits and what `/execution-parameters` tells batch transform.
        pool: Answers `/invocations`.
    """

    def __init__(self, config: Config, pool: Pool) -> None:
        self._config = config
        self._pool = pool
        self.max_body_bytes = config.max_body_bytes
        self.client_seconds = float(config.client_seconds)
        self.draining = False
        self.metrics: Metrics | None = None
        if config.metrics_route or config.metrics_log:
            self.metrics = Metrics(pool, namespace=config.metrics_namespace, dimensions=config.metrics_dimensions)
        self.follows = config.log_requests or self.metrics is not None
        self._request_log = RequestLog(every=config.log_requests)
        self.date = b""
        self.connections: set[Connection] = set()
        self._routes: dict[str, dict[bytes, Route]] = {
            "/ping": {b"GET": self._ping, b"POST": self._ping},
            "/invocations": {b"POST": pool.submit},
            "/execution-parameters": {b"GET": self._execution_parameters},
        }
        if config.metrics_route:
            self._routes["/metrics"] = {b"GET": self._metrics_text}
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
            exchange.answer(self.refused(reason))
        except ServingError as reason:
            exchange.answer(reply_of(reason))

    def refused(self, reason: RequestError) -> Reply:
        """Write the refusal."""
        reply = reply_of(reason)
        if isinstance(reason, MethodNotAllowedError):
            return Reply(
                status=reply.status,
                body=reply.body,
                headers={**reply.headers, b"allow": ", ".join(reason.allowed).encode()},
            )
        return reply

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """A reply is being sent."""
        if self.metrics is not None:
            self.metrics.replied(exchange, reply)
        self._request_log.replied(exchange, reply)

    def opened(self, connection: Connection) -> None:
        """A client connected."""
        self.connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """Its connection is gone."""
        self.connections.discard(connection)

    def tick(self, now: float) -> None:
        """Look for what takes too long."""
        self.date = formatdate(usegmt=True).encode()
        self._request_log.tick()
        if self.metrics is not None:
            self.metrics.tick()
        for connection in list(self.connections):
            connection.tick(now)

    def _route(self, exchange: Exchange) -> Route:
        path = exchange.path
        methods = self._routes.get(path)
        if methods is None:
            raise RouteNotFoundError(f"There is no {path[:200]} here; the routes are {', '.join(self._routes)}.")
        route = methods.get(exchange.method)
        if route is None:
            allowed = tuple(method.decode() for method in methods)
            method = exchange.method.decode("latin-1")
            raise MethodNotAllowedError(f"{path} takes {' or '.join(allowed)}, not {method}.", allowed=allowed)
        return route

    def _ping(self, exchange: Exchange) -> None:
        self._pool.require_ready()
        exchange.answer(Reply(status=200))

    def _metrics_text(self, exchange: Exchange) -> None:
        body = self.metrics.prometheus() if self.metrics is not None else b""
        headers = {b"content-type": b"text/plain; version=0.0.4; charset=utf-8"}
        exchange.answer(Reply(status=200, body=body, headers=headers))

    def _execution_parameters(self, exchange: Exchange) -> None:
        limit = self._config.max_body_bytes
        parameters = {
            "MaxConcurrentTransforms": self._config.max_concurrent_transforms,
            "BatchStrategy": self._config.batch_strategy,
            "MaxPayloadInMB": limit // MIB if limit is not None else 0,
        }
        body = orjson.dumps(parameters)
        exchange.answer(Reply(status=200, body=body, headers={b"content-type": b"application/json"}))
