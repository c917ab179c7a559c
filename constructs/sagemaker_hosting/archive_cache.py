"""Remembers archives of directories, so that what has not changed is neither read nor packed again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 10 * 1024**3
_MOST_ENTRIES = 200
_SECONDS_OF_A_WRITER = 3600

_UNFINISHED = ".unfinished-"

# Every archive that was written here carries this time (1980, the first that zip knows); one that was changed does not.
_STAMP = 315_532_800


@dataclass(frozen=True)
class Packed:
    """An archive that was packed before.

    Attributes:
        digest: SHA-256 of its uncompressed content.
        size: Its bytes.
    """

    digest: str
    size: int

    def is_at(self, path: Path) -> bool:
        """Whether the file there is this archive, as it was written."""
        try:
            status = path.stat()
        except OSError:
            return False
        return status.st_size == self.size and status.st_mtime_ns == _STAMP * 1_000_000_000


class ArchiveCache:
    """Archives, found by a digest of what the files they were made of look like from outside.

    Entries that were not used for longest make room for new ones; deleting the folder loses nothing but time. A folder
    that cannot be written is as one that is empty.

    Args:
        folder: Where they are kept. Without it, ``sagemaker-hosting/archives`` in the user's cache folder, which is
            ``$XDG_CACHE_HOME`` or ``~/.cache``.
        most_bytes: Size that the archives together may reach. Without it, 10 GiB.
    """

    def __init__(self, folder: Path | None = None, *, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = _user_folder() if folder is None else folder
        self._most_bytes = most_bytes

    def find(self, key: str) -> Packed | None:
        """Return what was stored under a key; ``None`` if there is nothing, or nothing legible."""
        entry = self._entry(key)
        with contextlib.suppress(OSError):
            os.utime(entry)
        return _read(entry)

    def fetch(self, packed: Packed, path: Path) -> bool:
        """Put an archive at ``path``, unless it is there; return whether it is now."""
        if packed.is_at(path):
            return True
        with contextlib.suppress(OSError):
            _copy(self._archive(packed), path)
        return packed.is_at(path)

    def store(self, key: str, digest: str, path: Path) -> None:
        """Keep the archive at ``path``, whose content has this digest."""
        os.utime(path, (_STAMP, _STAMP))
        packed = Packed(digest=digest, size=path.stat().st_size)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not packed.is_at(self._archive(packed)):
                _copy(path, self._archive(packed))
            with unfinished(self._folder) as made:
                made.write_text(json.dumps({"digest": digest, "size": packed.size}), encoding="utf-8")
                made.replace(self._entry(key))
            self._make_room()

    def _entry(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _archive(self, packed: Packed) -> Path:
        return self._folder / f"{packed.digest}.tar.gz"

    def _make_room(self) -> None:
        kept: set[str] = set()
        size = 0
        for count, entry in enumerate(sorted(self._folder.glob("*.json"), key=_changed, reverse=True)):
            packed = _read(entry)
            if packed is not None and packed.digest not in kept:
                size += packed.size
            if packed is None or (count > 0 and (size > self._most_bytes or count >= _MOST_ENTRIES)):
                entry.unlink(missing_ok=True)
            else:
                kept.add(packed.digest)
        for archive in self._folder.glob("*.tar.gz"):
            if archive.name.removesuffix(".tar.gz") not in kept:
                archive.unlink(missing_ok=True)
        for left_behind in self._folder.glob(f"{_UNFINISHED}*"):
            if time.time() - left_behind.stat().st_ctime > _SECONDS_OF_A_WRITER:
                left_behind.unlink(missing_ok=True)


def _user_folder() -> Path:
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given else Path.home() / ".cache") / "sagemaker-hosting" / "archives"


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(entry: Path) -> Packed | None:
    try:
        content = json.loads(entry.read_bytes())
        return Packed(digest=str(content["digest"]), size=int(content["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _copy(source: Path, target: Path) -> None:
    """A second name for the same bytes where the file system has that, else a copy."""
    with unfinished(target.parent) as made:
        try:
            made.hardlink_to(source)
        except OSError:
            shutil.copy2(source, made)
        made.replace(target)


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Yield a path that nobody else has, and remove what is there when the block ends."""
    made = folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
