"""A worker's end of the socket: what the front asks, and whether it wants to hear any more."""

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress

from serving import wire
from serving.part import Part

READ_BYTES = 64 * 1024
"""How much is taken from the socket at once."""


class Channel(AbstractContextManager["Channel"]):
    """Reads and writes records.

    Args:
        connection: The socket, owned from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unpacker = wire.Unpacker()
        self._records: deque[wire.Record] = deque()
        self._streams = 0
        self._stopped = False
        self.send = connection.sendall

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._connection.close()

    def read(self) -> wire.Record | None:
        """The next record, or None when the front is gone."""
        while not self._records:
            data = self._connection.recv(READ_BYTES)
            if not data:
                return None
            self._records.extend(self._unpacker.feed(data))
        return self._records.popleft()

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
            while record is not None and record[0] == wire.STOP and not self._is_stop(record):
                record = self.read()
            self._stopped = self._is_stop(record)
            if record is None or record[0] != wire.INPUT:
                return
            _, head, body, _ = record
            yield Part.unpack(head, body)

    def _is_stop(self, record: wire.Record | None) -> bool:
        """Whether it says that this stream, not an earlier one, shall stop."""
        return record is None or record[:2] == (wire.STOP, b"%d" % self._streams)

    def _said_something(self) -> bool:
        with suppress(BlockingIOError):
            self._records.extend(self._unpacker.feed(self._connection.recv(READ_BYTES, socket.MSG_DONTWAIT)))
        return bool(self._records)
