"""What the front process and a worker say to each other on a socket: records of two numbers and two strings of bytes.

    front -> worker    how many more requests are in this batch   headers, as `pack_headers` writes them   body
                       second number: the request's own, for the log
    worker -> front    first: how many requests it takes at once, 0 after a failed load; as body what it says of itself,
                       in JSON: of its handler, or whether the load failed for want of memory (OUT_OF_MEMORY)
                       then, in the order of the requests: status   headers, in the same way               body

A response that is streamed is several records: BEGIN with the headers, PART for each piece of the body, and END, or
FAILED where it is not complete. The front may send STOP in between, with the number of the stream, counted from 1: one
that has just ended is not stopped any more, and the next one is not meant.

A bidirectional stream begins with OPEN, whose headers are the request's. The worker says WANT for each part that it is
ready for, and gets INPUT, or INPUT_END after the last one; heads of INPUT and PART are those of `part.Part`.

Lengths stand before bytes, nothing is escaped and nothing is executed.
"""

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

BEGIN, PART, END, FAILED, WANT = 1, 2, 3, 4, 5
"""Numbers of records that are no statuses."""

STATUSES = 100
"""From here on they are."""

STOP = 0xFFFFFFFF
"""A number that is no count of requests."""

OPEN, INPUT, INPUT_END = STOP - 1, STOP - 2, STOP - 3
"""Others: a bidirectional stream begins, one part of it, no more parts."""

FORGET = STOP - 4
"""Another one, between batches: the session in the headers' place has ended."""

OUT_OF_MEMORY, CONVERSES = "out_of_memory", "converses"
"""What is true in the first record: the load failed for want of memory; the handler takes bidirectional streams."""

MAX_PART_BYTES = 256 * 1024
"""A longer part of a streamed response is sent in pieces, so that the front never holds all of it."""

_LENGTHS = struct.Struct("<IIQQ")


class Record(NamedTuple):
    """One message."""

    number: int
    head: bytes
    body: bytes
    request: int = 0


def pack(number: int, head: bytes, body: bytes | bytearray | memoryview, *, request: int = 0) -> bytes:
    """A record as bytes."""
    return b"".join((_LENGTHS.pack(number, len(head), len(body), request), head, body))


def read(stream: BinaryIO) -> Record | None:
    """The next record of a blocking stream, or None at its end."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    number, head, body, request = _LENGTHS.unpack(lengths)
    return Record(number, stream.read(head), stream.read(body), request)


class Unpacker:
    """Makes records of bytes that arrive in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Record]:
        """The records that these bytes complete."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _LENGTHS.size:
            number, head, body, request = _LENGTHS.unpack_from(self._buffer, start)
            middle = start + _LENGTHS.size + head
            end = middle + body
            if len(self._buffer) < end:
                break
            yield Record(number, bytes(self._buffer[middle - head : middle]), bytes(self._buffer[middle:end]), request)
            start = end
        del self._buffer[:start]


def pack_headers(headers: Mapping[bytes, bytes]) -> bytes:
    """Headers as bytes: names and values in turn, between NULs, which no header may have."""
    return b"\0".join([part for header in headers.items() for part in header])


@lru_cache(maxsize=64)
def unpack_headers(packed: bytes) -> Mapping[str, str]:
    """Headers again. Most requests have the same ones."""
    parts = packed.decode("latin-1").split("\0") if packed else []
    return MappingProxyType(dict(zip(parts[::2], parts[1::2], strict=True)))


@lru_cache(maxsize=64)
def unpack_response_headers(packed: bytes) -> Mapping[bytes, bytes]:
    """Headers again, as they are written. Most responses have the same ones."""
    parts = packed.split(b"\0")
    return MappingProxyType(dict(zip(parts[::2], parts[1::2], strict=True)))
