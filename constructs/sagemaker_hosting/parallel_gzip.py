"""Compresses a stream with all processors, to the same bytes however many there are."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

_CHUNK = 2 * 1024 * 1024
_SAMPLES = 3
_SAMPLE = 8 * 1024
_MOST_WORKERS = 8

# RFC 1952: no name, no time, unknown file system.
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LAST_BLOCK = b"\x03\0"

_Settings = tuple[int, int]
_SMALLEST: _Settings = (6, zlib.Z_DEFAULT_STRATEGY)
_NO_REPETITIONS: _Settings = (6, zlib.Z_HUFFMAN_ONLY)
_STORED: _Settings = (0, zlib.Z_DEFAULT_STRATEGY)


class ParallelGzip:
    """Writes one gzip member, whose deflate stream is made of chunks that are compressed side by side.

    A chunk ends at a byte's border, as after a flush, so that every reader of gzip takes the whole for one stream. How
    hard to try is decided by samples of each chunk: the weights of a network are numbers without repetitions, where a
    search for them costs three times as long and gains nothing.

    Args:
        target: Where to write. It is left open.
        workers: Threads that compress. Without it, one for each processor that the process may use, at most 8.
    """

    def __init__(self, target: BinaryIO, *, workers: int | None = None) -> None:
        self._target = target
        self._workers = min(_processors(), _MOST_WORKERS) if workers is None else workers
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="packing")
        self._pending: deque[Future[bytes]] = deque()
        self._chunk = bytearray()
        self._size = 0
        self._checksum = 0
        self._digest = hashlib.sha256()
        target.write(_HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._pool.shutdown(cancel_futures=True)

    def write(self, data: bytes | memoryview) -> None:
        """Take more of the stream; waits while too much of it is not compressed yet."""
        self._chunk += data
        while len(self._chunk) >= _CHUNK:
            self._submit(self._chunk[:_CHUNK])
            del self._chunk[:_CHUNK]

    def hexdigest(self) -> str:
        """Return the SHA-256 of what was written, before it was compressed."""
        return self._digest.hexdigest()

    def _submit(self, chunk: bytearray) -> None:
        self._pending.append(self._pool.submit(_compress, chunk))
        self._digest.update(chunk)
        self._checksum = zlib.crc32(chunk, self._checksum)
        self._size += len(chunk)
        if len(self._pending) > self._workers + 2:
            self._target.write(self._pending.popleft().result())

    def _finish(self) -> None:
        self._submit(self._chunk)
        for compressed in self._pending:
            self._target.write(compressed.result())
        self._target.write(_LAST_BLOCK)
        self._target.write(self._checksum.to_bytes(4, "little"))
        self._target.write((self._size % 2**32).to_bytes(4, "little"))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compress(chunk: bytearray) -> bytes:
    return _deflate(chunk, _settings_for(chunk))


def _deflate(data: bytearray, settings: _Settings) -> bytes:
    level, strategy = settings
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _settings_for(chunk: bytearray) -> _Settings:
    if len(chunk) < 2 * _SAMPLES * _SAMPLE:
        return _SMALLEST
    sizes = dict.fromkeys((_SMALLEST, _NO_REPETITIONS), 0)
    step = len(chunk) // _SAMPLES
    for start in range(0, step * _SAMPLES, step):
        for settings in sizes:
            sizes[settings] += len(_deflate(chunk[start : start + _SAMPLE], settings))
    if sizes[_SMALLEST] < 0.97 * sizes[_NO_REPETITIONS]:
        return _SMALLEST
    return _NO_REPETITIONS if sizes[_NO_REPETITIONS] < 0.99 * _SAMPLES * _SAMPLE else _STORED
