"""SageMaker's routes, and what connections need to know of each other.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and, for `/execution-parameters`,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from email.utils import formatdate

from serving.backend import Backend, Methods, Route
from serving.config import MIB, Config
from serving.error_reply import reply_of
from serving.errors import MethodNotAllowedError, RouteNotFoundError, ServingError
from serving.exchange import Exchange, Reply, json_reply
from serving.known_heads import KnownHeads
from serving.metrics import Metrics
from serving.request_log import RequestLog
from serving.websocket import Client

OTHER = "other"
"""What a path without a route is counted as."""


class Server:
    """The routes around the workers.

    Attributes:
        connections: Those that are open.
        heads: Those of requests that were parsed.
        draining: Every reply is the last one of its connection.
        metrics: What is counted, if anything is.
        follows: Whether it wants to know of replies that are no failure.

    Args:
        config: Limits and what `/execution-parameters` tells batch transform.
        backend: Answers requests to models.
    """

    def __init__(self, config: Config, backend: Backend) -> None:
        self._config = config
        self._backend = backend
        self.max_body_bytes = config.max_body_bytes
        self.client_seconds = float(config.client_seconds)
        self.heads = KnownHeads()
        self.draining = False
        self.metrics: Metrics | None = None
        if config.metrics_route or config.metrics_log:
            namespace, dimensions = config.metrics_namespace, config.metrics_dimensions
            self.metrics = Metrics(backend, self.route_of, namespace=namespace, dimensions=dimensions)
        self.follows = config.log_requests or self.metrics is not None
        self._request_log = RequestLog(every=config.log_requests)
        self.date = b""
        self.connections: set[Client] = set()
        self._routes: dict[str, Methods] = {
            "/ping": {b"GET": self._ping, b"POST": self._ping},
            **backend.routes,
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
        except ServingError as reason:
            exchange.answer(reply_of(reason))

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """A reply is being sent."""
        if self.metrics is not None:
            self.metrics.replied(exchange, reply)
        self._request_log.replied(exchange, reply)

    def ended(self, exchange: Exchange) -> None:
        """A reply that is streamed has ended."""
        if self.metrics is not None:
            self.metrics.ended(exchange)
        self._request_log.ended(exchange)

    def opened(self, connection: Client) -> None:
        """A client connected."""
        self.connections.add(connection)

    def closed(self, connection: Client) -> None:
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

    def route_of(self, path: str) -> str:
        """The name of a path's route. There are few of them, whatever clients ask for."""
        if path in self._routes:
            return path
        found = self._backend.find(path)
        return found[0] if found is not None else OTHER

    def _route(self, exchange: Exchange) -> Route:
        path = exchange.path
        methods = self._routes.get(path)
        if methods is None and (found := self._backend.find(path)) is not None:
            methods = found[1]
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

    def _metrics_text(self, exchange: Exchange) -> None:
        body = self.metrics.prometheus() if self.metrics is not None else b""
        head = b"content-type: text/plain; version=0.0.4; charset=utf-8\r\n"
        exchange.answer(Reply(status=200, body=body, head=head))

    def _execution_parameters(self, exchange: Exchange) -> None:
        limit = self._config.max_body_bytes
        parameters = {
            "MaxConcurrentTransforms": self._config.max_concurrent_transforms,
            "BatchStrategy": self._config.batch_strategy,
            "MaxPayloadInMB": limit // MIB if limit is not None else 0,
        }
        exchange.answer(json_reply(parameters))
