"""`serve`: starts the workers, replaces the ones that die, and lets them finish when SageMaker stops the container.

SageMaker starts containers as root. The supervisor stays root and runs nothing of the model's author; it opens the port
and starts each worker as the unprivileged user that `SERVING_USER` names.
"""

import asyncio
import os
import pwd
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass

from serving import log
from serving.config import DRAIN_SECONDS, Config
from serving.errors import ConfigError
from serving.readiness import Readiness, State

DEATHS_WHILE_LOADING = 3
"""How often in a row a worker may die before its model is loaded; then the container ends, rather than never be up."""

KILL_SECONDS = DRAIN_SECONDS + 3
"""When a worker that is still there after SIGTERM is killed."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The user that workers run as."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str
    name: str


class Supervisor:
    """Keeps as many workers running as the configuration says.

    Args:
        config: The container's settings.
        listener: The open port that all workers answer.
        readiness: Their states.
        identity: Whom they run as; None for the supervisor's own user.
    """

    def __init__(
        self, config: Config, *, listener: socket.socket, readiness: Readiness, identity: Identity | None
    ) -> None:
        self._config = config
        self._listener = listener
        self._readiness = readiness
        self._identity = identity
        self._processes: dict[int, Process] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Supervise until SIGTERM or SIGINT.

        Returns:
            The exit code: 0 after a stop that was asked for, 1 if workers die before they have loaded the model.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep(worker)) for worker in range(self._config.workers)]
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
        gave_up = not self._stopping.is_set()
        self._stopping.set()
        await self._drain(keepers)
        await stop
        log.info("stopped")
        return 1 if gave_up else 0

    async def _keep(self, worker: int) -> None:
        """Run one worker after the other; return when the container stops or it makes no sense to go on."""
        deaths = 0
        while not self._stopping.is_set():
            process = self._processes[worker] = await self._start(worker)
            if self._stopping.is_set():  # it was started while the others were told
                process.terminate()
            code = await process.wait()
            if self._stopping.is_set():
                return
            deaths = deaths + 1 if self._readiness[worker] is State.LOADING else 0
            self._readiness[worker] = State.LOADING
            if deaths == DEATHS_WHILE_LOADING:
                log.error("giving up: a worker keeps dying before its model is loaded", worker=worker, exit=_told(code))
                return
            log.error("worker died and is replaced", worker=worker, exit=_told(code))

    async def _start(self, worker: int) -> Process:
        descriptors = (self._listener.fileno(), self._readiness.fileno())
        command = [sys.executable, "-m", "serving.worker", *map(str, descriptors), str(worker)]
        # The pipe to its standard input tells a worker when the supervisor is gone. A group of its own keeps Ctrl-C
        # in a terminal from reaching it before the supervisor has asked it to finish.
        if self._identity is None:
            return await asyncio.create_subprocess_exec(*command, pass_fds=descriptors, stdin=PIPE, process_group=0)
        return await asyncio.create_subprocess_exec(
            *command,
            pass_fds=descriptors,
            stdin=PIPE,
            process_group=0,
            user=self._identity.uid,
            group=self._identity.gid,
            extra_groups=self._identity.groups,
            env={
                **os.environ,
                "HOME": self._identity.home,
                "USER": self._identity.name,
                "LOGNAME": self._identity.name,
            },
        )

    async def _drain(self, keepers: list[asyncio.Task[None]]) -> None:
        log.info("stopping: requests that were accepted are answered")
        self._listener.close()
        self._send(signal.SIGTERM)
        _, late = await asyncio.wait(keepers, timeout=KILL_SECONDS)
        if late:
            log.error("killed workers that did not stop", seconds=KILL_SECONDS)
            self._send(signal.SIGKILL)
        await asyncio.gather(*keepers)

    def _send(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            if process.returncode is None:
                process.send_signal(number)


def run(config: Config) -> int:
    """Serve until told to stop.

    Returns:
        The exit code of the container.

    Raises:
        ConfigError: The port is taken, or the user does not exist.
    """
    identity = _identity(config)
    with _bound(config.port) as listener:
        readiness = Readiness.create(config.workers)
        try:
            user = identity.name if identity is not None else os.getuid()
            log.info("serving", port=config.port, workers=config.workers, user=user, model_dir=config.model_dir)
            return asyncio.run(_supervise(config, listener, readiness, identity))
        finally:
            readiness.close()


async def _supervise(config: Config, listener: socket.socket, readiness: Readiness, identity: Identity | None) -> int:
    return await Supervisor(config, listener=listener, readiness=readiness, identity=identity).run()


def _identity(config: Config) -> Identity | None:
    if config.user is None or os.getuid() != 0:
        return None
    try:
        user = pwd.getpwnam(config.user)
    except KeyError:
        raise ConfigError(
            f"SERVING_USER names {config.user!r}, which is no user here; create it in the Dockerfile, or set "
            "SERVING_USER to nothing to run the workers as root."
        ) from None
    groups = tuple(os.getgrouplist(user.pw_name, user.pw_gid))
    return Identity(uid=user.pw_uid, gid=user.pw_gid, groups=groups, home=user.pw_dir, name=user.pw_name)


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server(("0.0.0.0", port), backlog=2048)  # noqa: S104 - SageMaker calls from outside
    except OSError as reason:
        raise ConfigError(
            f"Port {port} cannot be opened ({os.strerror(reason.errno or 0)}); SAGEMAKER_BIND_TO_PORT chooses another."
        ) from reason


def _told(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    number = signal.Signals(-code)
    return f"{number.name}, often for want of memory" if number is signal.SIGKILL else number.name
