"""What `/ping` answers, shared by all processes: the same answer whichever worker is asked.

One byte per worker in memory that supervisor and workers map, and one byte that remembers that all were ready once.
"""

import enum
import mmap
import os
import tempfile
from typing import Self


class State(enum.IntEnum):
    """How far a worker is, or all of them together."""

    LOADING = 0
    READY = 1
    FAILED = 2


class Readiness:
    """The states of all workers.

    Args:
        descriptor: An open file of one byte more than there are workers. It is closed with this object.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._memory = mmap.mmap(descriptor, 0)

    @classmethod
    def create(cls, workers: int) -> Self:
        """Make it, with all workers loading. A file without a name is what every system can share this way."""
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(bytes(1 + workers))
            return cls(os.dup(file.fileno()))

    def fileno(self) -> int:
        """The descriptor that a worker inherits."""
        return self._descriptor

    def __getitem__(self, worker: int) -> State:
        return State(self._memory[1 + worker])

    def __setitem__(self, worker: int, state: State) -> None:
        self._memory[1 + worker] = state

    def overall(self) -> State:
        """The container's state.

        Ready means that all workers are loaded. Once they were, the container stays ready while a lost worker is being
        replaced and another one answers. A worker whose load failed makes it fail: the next load would fail as well.
        """
        states = self._memory[1:]
        if State.FAILED in states:
            return State.FAILED
        if State.LOADING not in states:
            self._memory[0] = True
        return State.READY if self._memory[0] and State.READY in states else State.LOADING

    def another_is_ready(self, worker: int) -> bool:
        """Whether a worker other than this one answers requests."""
        return State.READY in self._memory[1 : 1 + worker] + self._memory[2 + worker :]

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self._descriptor)
