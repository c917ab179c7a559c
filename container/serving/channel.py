"""A worker's end of the socket: what the front asks, and whether it wants to hear any more."""

import socket
from contextlib import AbstractContextManager

from serving import wire


class Channel(AbstractContextManager["Channel"]):
    """Reads and writes records.

    Args:
        connection: The socket, owned from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._streams = 0
        self.send = connection.sendall

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._stream.close()
        self._connection.close()

    def read(self) -> wire.Record | None:
        """The next record, or None when the front is gone."""
        return wire.read(self._stream)

    def begin_stream(self, head: bytes) -> None:
        """Begin the next streamed response.

        Args:
            head: Its headers.
        """
        self._streams += 1
        self.send(wire.pack(wire.BEGIN, head, b""))

    def stop_asked(self) -> bool:
        """Whether the front does not want any more of the stream. While there is one, it says nothing else."""
        while self._said_something():
            record = self.read()
            if record is None or record.head == b"%d" % self._streams:
                return True
        return False

    def _said_something(self) -> bool:
        self._connection.setblocking(False)
        try:
            return bool(self._stream.peek(1))
        finally:
            self._connection.setblocking(True)
