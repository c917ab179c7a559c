import gzip
import tarfile
import time
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

# Bounds on what a check may cost: an archive that exceeds one is judged by what was read until then.
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_MEMBERS = 20_000
MAX_SECONDS = 2.0
_MAX_SOURCE_BYTES = 1024 * 1024
_SOURCES = (".py", ".txt")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive."""

    name: str
    kind: str
    size: int
    link: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's components, without a leading ``./``."""
        return PurePosixPath(self.name).parts


@dataclass(slots=True)
class Archive:
    """What a model archive contains.

    Attributes:
        error: Why it cannot be extracted, or ``None``.
        complete: Whether all of it was read within the bounds.
        members: Its entries.
        sources: Content of its small Python and text files, by name.
        unpacked_bytes: Size of the files that were read.
        packed_bytes: Size of the archive itself.
    """

    error: str | None = None
    complete: bool = True
    members: list[Member] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)
    unpacked_bytes: int = 0
    packed_bytes: int = 0

    @property
    def files(self) -> list[Member]:
        """The entries that are files."""
        return [member for member in self.members if member.kind == "file"]

    def source(self, name: str) -> bytes | None:
        """Content of a small text file."""
        return self.sources.get(name)


class _Limit(Exception):  # noqa: N818  not an error: the check has seen enough
    pass


class _Bounded(gzip.GzipFile):
    """A decompressor that stops after a number of bytes or seconds."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._left = MAX_UNPACKED_BYTES
        self._deadline = time.monotonic() + MAX_SECONDS

    def read(self, size: int | None = -1) -> bytes:
        self._left -= size or 0
        if self._left < 0 or time.monotonic() > self._deadline:
            raise _Limit
        return super().read(size)


def read_archive(path: Path) -> Archive:
    """Lists a gzip-compressed tar archive without extracting it; never raises and never takes long.

    Several stacks of an app usually share an archive, so the answer is kept until the file changes.
    """
    try:
        status = path.stat()
    except OSError:
        return Archive(error="cannot be read")
    return _read_archive(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _read_archive(path: Path, size: int, _changed: int) -> Archive:
    found = Archive(packed_bytes=size)
    if size == 0:
        return Archive(error="is empty")
    try:
        with _Bounded(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            _list(archive, found)
    except _Limit:
        found.complete = False
    except gzip.BadGzipFile:
        found.error = "is not compressed with gzip"
    except (EOFError, zlib.error):
        found.error = "ends in the middle of the compressed data"
    except tarfile.ReadError:
        found.error = "is compressed with gzip but is not a tar archive"
    except (OSError, tarfile.TarError, ValueError, OverflowError, MemoryError):
        found.error = "cannot be read as a tar archive"
    return found


def _list(archive: tarfile.TarFile, found: Archive) -> None:
    for entry in archive:
        if len(found.members) >= MAX_MEMBERS:
            raise _Limit
        found.members.append(Member(entry.name, _kind(entry), max(entry.size, 0), entry.linkname))
        found.unpacked_bytes += max(entry.size, 0)
        if entry.isreg() and entry.name.endswith(_SOURCES) and entry.size <= _MAX_SOURCE_BYTES:
            content = archive.extractfile(entry)
            if content is not None:
                found.sources[str(PurePosixPath(entry.name))] = content.read()


def _kind(entry: tarfile.TarInfo) -> str:
    if entry.isreg():
        return "file"
    if entry.isdir():
        return "directory"
    if entry.issym():
        return "symbolic link"
    return "hard link" if entry.islnk() else "device"
