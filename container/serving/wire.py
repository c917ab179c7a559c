"""What the front process and a worker say to each other on a socket: records of two numbers and two strings of bytes.

    front -> worker    how many more requests are in this batch   headers, as `pack_headers` writes them   body
                       second number: the request's own, for the log
    worker -> front    first: how many requests it takes at once, 0 after a failed load; as body what it says of itself,
                       in JSON: of its handler, or whether the load failed for want of memory (OUT_OF_MEMORY)
                       then, in the order of the requests: status   headers, as lines of HTTP                 body

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


Record = tuple[int, bytes, bytes, int]
"""Its number, headers, body, and the request's own number, which is 0 where there is none."""


def pack(number: int, head: bytes, body: bytes | bytearray | memoryview, *, request: int = 0) -> bytes:
    """A record as bytes."""
    return b"".join((_LENGTHS.pack(number, len(head), len(body), request), head, body))


class Unpacker:
    """Makes records of bytes that arrive in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()  # of a record that is not complete
        self._needed = 0  # how long that has to be before it is worth a look

    def feed(self, data: bytes) -> Iterator[Record]:
        """The records that these bytes complete."""
        some: bytes | memoryview = data
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            some, self._rest = memoryview(self._rest), bytearray()
        start, have = 0, len(some)
        self._needed = _LENGTHS.size
        while have - start >= _LENGTHS.size:
            number, head, body, request = _LENGTHS.unpack_from(some, start)
            middle = start + _LENGTHS.size + head
            end = middle + body
            if have < end:
                self._needed = end - start
                break
            yield number, bytes(some[middle - head : middle]), bytes(some[middle:end]), request
            start = end
        self._rest += some[start:]


def pack_headers(headers: Mapping[bytes, bytes]) -> bytes:
    """Headers as bytes: their names and then their values, between NULs, which no header may have."""
    return b"\0".join([*headers, *headers.values()])


def header_lines(headers: Mapping[bytes, bytes]) -> bytes:
    """Headers as they stand in HTTP."""
    return b"".join([b"%b: %b\r\n" % header for header in headers.items()])


@lru_cache(maxsize=64)
def unpack_headers(packed: bytes) -> Mapping[str, str]:
    """Headers again. Most requests have the same ones."""
    parts = packed.decode("latin-1").split("\0") if packed else []
    count = len(parts) // 2
    return MappingProxyType(dict(zip(parts[:count], parts[count:], strict=True)))
