"""A worker's end of the socket: what the front asks, and whether it wants to hear any more."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager

from serving import wire
from serving.part import Part


class Channel(AbstractContextManager["Channel"]):
    """Reads and writes records.

    Args:
        connection: The socket, owned from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._streams = 0
        self._stopped = False
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
        self._stopped = False
        self.send(wire.pack(wire.BEGIN, head, b""))

    def stop_asked(self) -> bool:
        """Whether the front does not want any more of the stream. While there is one, it says nothing else."""
        while not self._stopped and self._said_something():
            self._stopped = self._is_stop(self.read())
        return self._stopped

    def parts(self) -> Iterator[Part]:
        """What the client of a bidirectional stream says, until it ends or the front wants no more of it."""
        while not self._stopped:
            self.send(wire.pack(wire.WANT, b"", b""))
            record = self.read()
            while record is not None and record.number == wire.STOP and not self._is_stop(record):
                record = self.read()
            self._stopped = self._is_stop(record)
            if record is None or record.number != wire.INPUT:
                return
            yield Part.unpack(record.head, record.body)

    def _is_stop(self, record: wire.Record | None) -> bool:
        """Whether it says that this stream, not an earlier one, shall stop."""
        return record is None or (record.number == wire.STOP and record.head == b"%d" % self._streams)

    def _said_something(self) -> bool:
        self._connection.setblocking(False)
        try:
            return bool(self._stream.peek(1))
        finally:
            self._connection.setblocking(True)
