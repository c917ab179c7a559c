"""Processes as the crew sees them: where they come from, and how they end."""

import asyncio
import os
import signal
import socket
import subprocess
import threading
from asyncio import AbstractEventLoop
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Process(Protocol):
    """A process that was started.

    Attributes:
        pid: Its number, or None while it is being forked.
        ended: Its exit code, negative for a signal, once there is one.
    """

    pid: int | None
    ended: "asyncio.Future[int]"

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def close(self) -> None:
        """Forget it, after its end."""


class Starter(Protocol):
    """Where the processes of workers come from."""

    def start(self, name: str, connection: socket.socket) -> Process:
        """Start one.

        Args:
            name: Its name in the log.
            connection: Its end of the socket that it is asked by.

        Raises:
            OSError: There is no memory or no descriptor for it.
        """

    async def stop(self) -> None:
        """End what is left, when all of them have ended."""


class Program:
    """A process that runs a program.

    The pipe to its standard input tells it when this process is gone. A group of its own keeps Ctrl-C in a terminal
    from reaching it before the front has asked it to finish.

    Attributes:
        pid: Its number.
        ended: Its exit code, once there is one.

    Args:
        command: Program and arguments.
        connection: What it inherits; the arguments name its descriptor.
        popen: What else `subprocess` is told: user and environment.
    """

    def __init__(self, command: Sequence[str], connection: socket.socket, popen: Mapping[str, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._process = subprocess.Popen(  # noqa: S603 - a command of our own
            command, pass_fds=[connection.fileno()], stdin=subprocess.PIPE, process_group=0, **popen
        )
        self.pid: int | None = self._process.pid
        threading.Thread(target=self._wait, name=f"wait-{self.pid}", daemon=True).start()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def close(self) -> None:
        """Forget it, after its end."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _wait(self) -> None:
        code = self._process.wait()
        self._loop.call_soon_threadsafe(self.ended.set_result, code)


class Fork:
    """A process that another one became.

    Attributes:
        pid: Its number, or None until that one has forked.
        ended: Its exit code, once there is one.

    Args:
        loop: The event loop.
        source: The one that forks.
    """

    def __init__(self, loop: AbstractEventLoop, source: Process) -> None:
        self._source = source
        self.pid: int | None = None
        self.ended: asyncio.Future[int] = loop.create_future()

    def terminate(self) -> None:
        """Ask it to end; before it is there, the one that would have forked."""
        if self.pid is None:
            self._source.terminate()
        else:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it; before it is there, the one that would have forked."""
        if self.pid is None:
            self._source.kill()
        else:
            self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Nothing is left of it."""

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None and not self.ended.done():  # afterwards the number may be another one's
            os.kill(self.pid, number)
