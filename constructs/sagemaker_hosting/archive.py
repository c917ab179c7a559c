"""Packs a directory so that the same content gives the same bytes, whoever packs it and when."""

from __future__ import annotations

import fnmatch
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sagemaker_hosting.parallel_gzip import ParallelGzip
from sagemaker_hosting.progress import Progress
from sagemaker_hosting.validation import Problems, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NEVER_PACKED = ("__pycache__", "*.pyc", ".DS_Store", ".git", ".ipynb_checkpoints")
"""Files that differ between machines and mean nothing to a model."""

_EXECUTABLE = 0o111
_PIECE = 1024 * 1024


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


def write_archive(
    files: Mapping[PurePosixPath, Path], archive: Path, *, what: str = "an archive", workers: int | None = None
) -> str:
    """Write ``files`` as a gzip-compressed tar archive and return the SHA-256 of its content.

    Order, owner, permissions (but for the executable bit) and times do not depend on the machine. The digest is that
    of the uncompressed archive: another zlib may compress the same content to other bytes. No file is held in memory.

    Args:
        files: Path in the archive and on disk.
        archive: Where to write.
        what: What is packed, named on standard error when it takes more than a few seconds.
        workers: Threads that compress; the bytes do not depend on it. Without it, one for each processor.

    Raises:
        ValidationError: If a file becomes longer or shorter while it is packed.
    """
    members = [(_member(name, path), path) for name, path in sorted(files.items())]
    progress = Progress(f"Packing {what}", sum(member.size for member, _ in members))
    size = 0
    with archive.open("wb") as raw, ParallelGzip(raw, workers=workers) as packed:
        for member, path in members:
            header = member.tobuf(tarfile.PAX_FORMAT)
            packed.write(header)
            for piece in _pieces(member, path):
                packed.write(piece)
                progress.add(len(piece))
            padding = bytes(-member.size % tarfile.BLOCKSIZE)
            packed.write(padding)
            size += len(header) + member.size + len(padding)
        end = 2 * tarfile.BLOCKSIZE
        packed.write(bytes(end + -(size + end) % tarfile.RECORDSIZE))
    return packed.hexdigest()


def _member(name: PurePosixPath, path: Path) -> tarfile.TarInfo:
    status = path.stat()
    member = tarfile.TarInfo(str(name))
    member.size = status.st_size
    member.mode = 0o755 if status.st_mode & _EXECUTABLE else 0o644
    return member


def _pieces(member: tarfile.TarInfo, path: Path) -> Iterator[memoryview]:
    left = member.size
    buffer = memoryview(bytearray(min(_PIECE, left)))
    with path.open("rb", buffering=0) as file:
        while left and (count := file.readinto(buffer[:left])):
            left -= count
            yield buffer[:count]
        if left or file.read(1):
            raise ValidationError(
                "ModelData.from_directory",
                [f"'{path}' must not change while it is packed, but it is no longer {member.size} bytes"],
            )
