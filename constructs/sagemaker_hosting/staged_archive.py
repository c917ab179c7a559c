"""An archive of a directory in the cloud assembly, packed if it has to be."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.archive import write_archive
from sagemaker_hosting.archive_cache import ArchiveCache, unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import stat_result
    from pathlib import Path, PurePosixPath

# Part of every key: to be raised when the same files are packed to other bytes.
_FORMAT = 1
_WORTH_REMEMBERING = 1024 * 1024

# A file that changes twice within this time may look the same after both changes: the clock of Linux's file systems
# moves every 10 ms at the least, and some file systems keep whole or even seconds.
_TICK = 0.02
_COARSE_TICK = 2.0
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class StagedArchive:
    """An archive in the folder of a cloud assembly's assets.

    Attributes:
        path: The file.
        digest: SHA-256 of its uncompressed content.
    """

    path: Path
    digest: str

    @classmethod
    def of(
        cls, files: Mapping[PurePosixPath, Path], folder: Path, *, what: str, cache: ArchiveCache | None = None
    ) -> StagedArchive:
        """Pack ``files``, or take what was packed from them before.

        Args:
            files: Path in the archive and on disk.
            folder: Where the cloud assembly keeps its assets.
            what: What is packed, named on standard error when it takes more than a few seconds.
            cache: What was packed before. Without it, the user's.

        Raises:
            ValidationError: If a file changes while it is packed.
        """
        status = {name: path.stat() for name, path in sorted(files.items())}
        folder.mkdir(parents=True, exist_ok=True)
        key = _key(files, status)
        if sum(one.st_size for one in status.values()) < _WORTH_REMEMBERING:
            return cls._packed_in_this_synth(files, folder, what, key, status.values())
        cache = ArchiveCache() if cache is None else cache
        found = cache.find(key)
        if found is not None and cache.fetch(found, cls._path(folder, found.digest)):
            return cls(cls._path(folder, found.digest), found.digest)
        can_be_told_apart = _wait_for_the_clock(status.values())
        archive = cls._packed(files, folder, what)
        if can_be_told_apart and _key(files, {name: path.stat() for name, path in sorted(files.items())}) == key:
            cache.store(key, archive.digest, archive.path)
        return archive

    @classmethod
    def _packed_in_this_synth(
        cls,
        files: Mapping[PurePosixPath, Path],
        folder: Path,
        what: str,
        key: str,
        status: Iterable[stat_result],
    ) -> StagedArchive:
        known = _SMALL.get((folder, key))
        if known is not None and known.path.is_file():
            return known
        archive = cls._packed(files, folder, what)
        if time.time() - _newest(status) / _NANOSECONDS > _COARSE_TICK:
            _SMALL[folder, key] = archive
        return archive

    @classmethod
    def _packed(cls, files: Mapping[PurePosixPath, Path], folder: Path, what: str) -> StagedArchive:
        with unfinished(folder) as made:
            digest = write_archive(files, made, what=what)
            path = cls._path(folder, digest)
            made.replace(path)
        return cls(path, digest)

    @staticmethod
    def _path(folder: Path, digest: str) -> Path:
        """Where the CDK looks for an asset of this hash, and copies nothing if it is there."""
        return folder / f"asset.{hashlib.sha256(digest.encode()).hexdigest()}.tar.gz"


_SMALL: dict[tuple[Path, str], StagedArchive] = {}
"""What was packed by this process and is not worth a file: many models of one app may have the same data."""


def _newest(status: Iterable[stat_result]) -> int:
    return max(max(one.st_ctime_ns, one.st_mtime_ns) for one in status)


def _key(files: Mapping[PurePosixPath, Path], status: Mapping[PurePosixPath, stat_result]) -> str:
    seen = [
        [
            str(name),
            str(files[name]),
            one.st_dev,
            one.st_ino,
            one.st_mode,
            one.st_size,
            one.st_mtime_ns,
            one.st_ctime_ns,
        ]
        for name, one in status.items()
    ]
    return hashlib.sha256(json.dumps([_FORMAT, seen]).encode()).hexdigest()


def _wait_for_the_clock(status: Iterable[stat_result]) -> bool:
    """Let every further change of the files get another time than the last one; ``False`` if that would take longer."""
    newest = _newest(status)
    tick = _TICK if newest % _NANOSECONDS else _COARSE_TICK
    missing = newest / _NANOSECONDS + tick - time.time()
    if missing > _COARSE_TICK:
        return False
    time.sleep(max(missing, 0))
    return True
