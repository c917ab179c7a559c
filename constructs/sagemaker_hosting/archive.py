"""Packs a directory so that the same content gives the same bytes, whoever packs it and when."""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import io
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from _typeshed import ReadableBuffer

NEVER_PACKED = ("__pycache__", "*.pyc", ".DS_Store", ".git", ".ipynb_checkpoints")
"""Files that differ between machines and mean nothing to a model."""

_EXECUTABLE = 0o111


def list_files(owner: str, argument: str, directory: Path, exclude: Sequence[str] = ()) -> dict[PurePosixPath, Path]:
    """Return the files below ``directory``, keyed and sorted by their path in it.

    Args:
        owner: Named by the error.
        argument: The argument that gave the directory, named by the error.
        directory: Where to look. Links to files inside it are followed.
        exclude: Shell patterns, each compared with every part of a path and with the whole path.

    Raises:
        ValidationError: If the directory does not exist, holds no file, or holds a link that leaves it.
    """
    problems = Problems(owner)
    if not directory.is_dir():
        problems.add(f"{argument} must be an existing directory, got '{directory}'")
        problems.raise_if_any()
    root = directory.resolve()
    patterns = (*NEVER_PACKED, *exclude)
    found: dict[PurePosixPath, Path] = {}
    for path in directory.rglob("*"):
        name = PurePosixPath(path.relative_to(directory).as_posix())
        if any(fnmatch.fnmatch(part, pattern) for part in (*name.parts, str(name)) for pattern in patterns):
            continue
        target = path.resolve()
        if not target.is_relative_to(root):
            problems.add(f"{argument} must not hold links that leave it: '{name}' points to '{target}'; copy it in")
        elif path.is_symlink() and target.is_dir():
            problems.add(f"{argument} must not hold links to directories: '{name}' points to '{target}'; copy it in")
        elif path.is_symlink() and not target.exists():
            problems.add(f"{argument} must not hold broken links: '{name}' points to '{target}'")
        elif target.is_file():
            found[name] = target
    problems.check(bool(found) or not directory.is_dir(), f"{argument} must hold at least one file, got '{directory}'")
    problems.raise_if_any()
    return dict(sorted(found.items()))


def write_archive(files: Mapping[PurePosixPath, Path], archive: Path) -> str:
    """Write ``files`` as a gzip-compressed tar archive and return the SHA-256 of its content.

    Order, owner, permissions (but for the executable bit) and times do not depend on the machine. The digest is that
    of the uncompressed archive: another zlib may compress the same content to other bytes.

    Args:
        files: Path in the archive and on disk.
        archive: Where to write.
    """
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
    ):
        digested = _Digested(packed)
        with tarfile.open(fileobj=digested, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for member, content in _members(files):
                with content.open("rb") as data:
                    tar.addfile(member, data)
    return digested.hexdigest()


def _members(files: Mapping[PurePosixPath, Path]) -> Iterable[tuple[tarfile.TarInfo, Path]]:
    for name, path in sorted(files.items()):
        status = path.stat()
        member = tarfile.TarInfo(str(name))
        member.size = status.st_size
        member.mode = 0o755 if status.st_mode & _EXECUTABLE else 0o644
        yield member, path


class _Digested(io.RawIOBase):
    """Hashes what passes through to another file."""

    def __init__(self, target: gzip.GzipFile) -> None:
        super().__init__()
        self._target = target
        self._digest = hashlib.sha256()

    def write(self, data: ReadableBuffer, /) -> int:
        self._digest.update(data)
        return self._target.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
