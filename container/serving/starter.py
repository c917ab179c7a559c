"""Starts the processes of workers: each by itself, or all of them from one that has loaded the model."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from signal import Signals
from typing import Any

from serving.process import Fork, Process, Program


class Separately:
    """Every worker loads the model for itself.

    Args:
        model_dir: What they load.
        popen: What `subprocess` is told: user and environment.
    """

    def __init__(self, model_dir: Path, popen: Mapping[str, Any]) -> None:
        self._model_dir = model_dir
        self._popen = popen

    def start(self, name: str, connection: socket.socket) -> Process:
        """Start one."""
        command = [sys.executable, "-m", "serving.worker", str(connection.fileno()), name, str(self._model_dir)]
        return Program(command, connection, self._popen)

    async def stop(self) -> None:
        """Nothing is left."""


class FromTemplate:
    """The model is loaded once, by `serving.template`, and workers are forked from that: they share its memory.

    The template is asked by a worker's name, with the worker's socket attached. It answers with the number of the
    process, and later with that number and how the process ended.

    Args:
        name: The template's name in the log.
        model_dir: What it loads.
        popen: What `subprocess` is told: user and environment.
    """

    def __init__(self, name: str, model_dir: Path, popen: Mapping[str, Any]) -> None:
        self._name = name
        self._model_dir = model_dir
        self._popen = popen
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        self._template: Program | None = None
        self._control: socket.socket
        self._heard = b""
        self._asked: deque[Fork] = deque()
        self._running: dict[int, Fork] = {}

    def start(self, name: str, connection: socket.socket) -> Process:
        """Ask the template for one."""
        if self._template is None:
            self._template = self._started()
        fork = Fork(self._loop, self._template)
        socket.send_fds(self._control, [name.encode() + b"\n"], [connection.fileno()])
        self._asked.append(fork)
        return fork

    async def stop(self) -> None:
        """End the template."""
        template = self._template
        if template is not None:
            self._control.shutdown(socket.SHUT_WR)
            await template.ended
            await asyncio.sleep(0)  # for what follows from that

    def _started(self) -> Program:
        self._control, there = socket.socketpair()
        with there:
            command = [sys.executable, "-m", "serving.template", str(there.fileno()), self._name, str(self._model_dir)]
            template = Program(command, there, self._popen)
        self._loop.add_reader(self._control.fileno(), self._read)
        template.ended.add_done_callback(self._lost)
        return template

    def _read(self) -> None:
        try:
            said = self._control.recv(65_536)
        except ConnectionError:  # it is gone, and has not heard what it was asked
            said = b""
        if not said:
            self._loop.remove_reader(self._control.fileno())
            return
        *lines, self._heard = (self._heard + said).split(b"\n")
        for line in lines:
            pid, *status = map(int, line.split())
            if not status:
                fork = self._asked.popleft()
                fork.pid = pid
                self._running[pid] = fork
            else:
                self._running.pop(pid).ended.set_result(os.waitstatus_to_exitcode(status[0]))

    def _lost(self, ended: "asyncio.Future[int]") -> None:
        """The template is gone. Nobody would tell how its workers end, so they end with it; others follow."""
        self._loop.remove_reader(self._control.fileno())
        with contextlib.suppress(OSError):
            self._control.setblocking(False)
            self._read()
        self._control.close()
        if self._template is not None:
            self._template.close()
        for fork in (*self._running.values(), *self._asked):
            if fork.pid is not None:
                fork.kill()
                fork.ended.set_result(-Signals.SIGKILL)
            else:
                fork.ended.set_result(ended.result())
        self._template = None
        self._heard = b""
        self._asked.clear()
        self._running.clear()
