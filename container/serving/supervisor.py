"""`serve`: opens the port, gives up being root, answers HTTP, lets requests finish when the container is stopped.

SageMaker starts containers as root. All that root is needed for is opening the port: before the first byte of a request
is read, and before any code of the model's author runs, the program becomes the user that `SERVING_USER` names. This
process, the front, parses HTTP and runs nothing of the author; workers run that, as `SERVING_WORKER_USER`.
"""

import asyncio
import os
import pwd
import signal
import socket

import uvloop

from serving import log, privileges
from serving.backend import Backend
from serving.config import DRAIN_SECONDS, Config
from serving.connection import Connection
from serving.errors import ConfigError
from serving.metrics import Metrics
from serving.model_routes import ModelRoutes
from serving.pool import Pool
from serving.server import Server
from serving.sessions import Sessions
from serving.tensorflow_serving import ModelServer

TICK_SECONDS = 0.25
"""How often is looked for what takes too long."""

GRACE_SECONDS = 0.25
"""How long an idle connection stays open after SIGTERM: what its client has sent by then is still answered."""

ACCEPT_AGAIN_SECONDS = 0.5
"""When to accept connections again after there were no descriptors left for them."""


class Front:
    """Accepts connections and ends them.

    Args:
        config: The container's settings.
        listener: The open port.
        worker_user: Whom workers are. Without it, the same user as the front.
    """

    def __init__(self, config: Config, listener: socket.socket, worker_user: pwd.struct_passwd | None) -> None:
        self._listener = listener
        self._worker_user = worker_user
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._backend = _backend(config, worker_user)
        self._server = Server(config, self._backend)
        self._model_server = ModelServer.find(config)
        self._metrics_seconds = config.metrics_seconds if config.metrics_log else None
        self._connecting: set[asyncio.Task[object]] = set()

    async def run(self) -> int:
        """Serve until SIGTERM or SIGINT.

        Returns:
            The exit code: 0 after a stop that was asked for, 1 if workers die before they have loaded the model.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        helping = [asyncio.create_task(self._tick())]
        if self._server.metrics is not None and self._metrics_seconds is not None:
            helping.append(asyncio.create_task(self._tell(self._server.metrics, self._metrics_seconds)))
        if self._model_server is not None:
            helping.append(asyncio.create_task(self._model_server.keep(self._worker_user)))
        self._backend.start()
        self._loop.add_reader(self._listener, self._accept)
        stops = [asyncio.create_task(event.wait()) for event in (self._stopping, self._backend.gave_up)]
        await asyncio.wait(stops, return_when=asyncio.FIRST_COMPLETED)
        await self._drain()
        if self._server.metrics is not None and self._metrics_seconds is not None:
            self._server.metrics.write_embedded()
        await self._backend.stop()
        for task in (*helping, *stops):
            task.cancel()
        await asyncio.gather(*helping, return_exceptions=True)
        for connection in list(self._server.connections):
            connection.abort()
        log.info("stopped")
        return 1 if self._backend.gave_up.is_set() else 0

    def _accept(self) -> None:
        """Take all connections that wait."""
        while True:
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            except OSError as reason:  # no descriptors left, most of all
                log.error("connections wait", error=os.strerror(reason.errno or 0))
                self._loop.remove_reader(self._listener)
                self._loop.call_later(ACCEPT_AGAIN_SECONDS, self._accept_again)
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.ensure_future(
                self._loop.connect_accepted_socket(lambda: Connection(self._server, self._loop), client)
            )
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    def _accept_again(self) -> None:
        if not self._stopping.is_set():
            self._loop.add_reader(self._listener, self._accept)

    async def _drain(self) -> None:
        log.info("stopping: requests that were accepted are answered")
        self._stopping.set()
        deadline = self._loop.time() + DRAIN_SECONDS
        self._accept()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        self._server.draining = True
        if self._connecting:
            await asyncio.wait(self._connecting)
        await asyncio.sleep(GRACE_SECONDS)
        while self._loop.time() < deadline:
            for connection in list(self._server.connections):
                connection.close_if_idle()
            if not self._backend.busy and not self._server.connections:
                break
            await asyncio.sleep(0.01)

    async def _tick(self) -> None:
        while True:
            now = self._loop.time()
            self._backend.tick(now)
            self._server.tick(now)
            await asyncio.sleep(TICK_SECONDS)

    async def _tell(self, metrics: Metrics, seconds: int) -> None:
        while True:
            await asyncio.sleep(seconds)
            metrics.write_embedded()


def run(config: Config) -> int:
    """Serve until told to stop.

    Returns:
        The exit code of the container.

    Raises:
        ConfigError: The port is taken, or the user does not exist.
    """
    user = privileges.user_named(config.user, variable="SERVING_USER")
    worker_user = (
        privileges.user_named(config.worker_user, variable="SERVING_WORKER_USER") if user is not None else None
    )
    with _bound(config.port) as listener:
        if user is not None:
            privileges.become(user, starts_others=worker_user is not None)
        name = user.pw_name if user is not None else os.getuid()
        folder = config.models_dir if config.multi_model else config.model_dir
        log.info("starting", port=config.port, workers=config.workers, user=name, model_dir=folder)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(config, listener, worker_user))


async def _serve(config: Config, listener: socket.socket, worker_user: pwd.struct_passwd | None) -> int:
    return await Front(config, listener, worker_user).run()


def _backend(config: Config, worker_user: pwd.struct_passwd | None) -> Backend:
    if config.multi_model:
        return ModelRoutes(config, worker_user=worker_user)
    pool = Pool(config, worker_user=worker_user)
    return Sessions(config, pool) if config.sessions else pool


def _bound(port: int) -> socket.socket:
    try:
        listener = socket.create_server(("0.0.0.0", port), backlog=2048)  # noqa: S104 - SageMaker calls from outside
    except OSError as reason:
        raise ConfigError(
            f"Port {port} cannot be opened ({os.strerror(reason.errno or 0)}); SAGEMAKER_BIND_TO_PORT chooses another."
        ) from reason
    listener.setblocking(False)
    return listener
