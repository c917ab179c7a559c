"""Virtual environments with what an image installs, kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sagemaker_local.dockerfile import Install, Recipe

_MARKER = ".complete"
_SHOWN_LINES = 20
_LONGEST_FILE_NAME = 255
_DROPPED = frozenset({"--no-cache-dir", "--user", "--break-system-packages", "-e", "--editable"})
"""Options for an image; an editable package would point into a file tree that is removed."""
_PLACES = frozenset({"--target", "-t", "--prefix", "--root"})
"""Options that install elsewhere than into the one environment that there is here."""


def prepare_virtualenv(recipe: Recipe, root: Path, *, say: Callable[[str], None]) -> Path:
    """Return a virtual environment with the recipe's packages; make it if there is none yet.

    Args:
        recipe: What to install.
        root: The image's file tree, with the files that the installs name.
        say: Gets a line on what takes time.

    Raises:
        LocalError: If an installation fails.
    """
    root = root.resolve()
    installs = [_Command.of(install, root) for install in recipe.installs]
    variables = {
        name: value
        for name, value in recipe.environment.items()
        if name.startswith("PIP_") and name != "PIP_NO_CACHE_DIR"
    }
    directory = _cache() / _digest(installs, variables, root)
    if (directory / _MARKER).exists():
        return directory
    with _locked(directory.with_suffix(".lock")):
        if not (directory / _MARKER).exists():
            _make(directory, installs, variables, say)
    return directory


@dataclass(frozen=True, kw_only=True)
class _Command:
    """A `pip install` on this machine.

    Attributes:
        arguments: What follows `install`, with paths of this machine.
        directory: Where it runs.
        portable: The same for every file tree.
    """

    arguments: Sequence[str]
    directory: Path
    portable: Sequence[str]

    @classmethod
    def of(cls, install: Install, root: Path) -> _Command:
        kept = list(_without_places(install.arguments))
        directory = root / install.working_directory.lstrip("/")
        return cls(
            arguments=[_mapped(argument, root) for argument in kept],
            directory=directory,
            portable=[install.working_directory, *kept],
        )


def _without_places(arguments: Sequence[str]) -> Iterator[str]:
    remaining = iter(arguments)
    for argument in remaining:
        if argument in _PLACES:
            next(remaining, None)
        elif argument not in _DROPPED and argument.partition("=")[0] not in _PLACES:
            yield argument


def _mapped(argument: str, root: Path) -> str:
    option, equals, value = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
    if argument.startswith("-r/"):
        option, value = "-r", argument[2:]
    return f"{option}{equals}{root}{value}" if value.startswith("/") else argument


def _cache() -> Path:
    directory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagemaker-local" / "virtualenvs"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _digest(installs: Sequence[_Command], variables: dict[str, str], root: Path) -> str:
    python = [sys.version, sys.implementation.cache_tag, sysconfig.get_platform(), sys.base_prefix]
    digest = hashlib.sha256()
    digest.update(json.dumps([python, [install.portable for install in installs], variables]).encode())
    seen: set[Path] = set()
    for install in installs:
        for argument in install.arguments:
            for file in _files_named(argument.removeprefix("-r").rpartition("=")[2], install.directory, root, seen):
                digest.update(f"\0{file.relative_to(root)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _files_named(text: str, directory: Path, root: Path, seen: set[Path]) -> Iterator[Path]:
    """The files that an argument, or a word of a requirement file, means, and those that they name in turn."""
    if text == "" or len(text) > _LONGEST_FILE_NAME:
        return
    path = (directory / text).resolve()
    if path in seen or not path.is_relative_to(root) or not path.exists():
        return
    seen.add(path)
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix != ".pyc")
        return
    yield path
    try:
        words = path.read_text(encoding="utf-8").split()
    except UnicodeDecodeError:
        return
    for word in words:
        for origin in (path.parent, directory):
            yield from _files_named(word, origin, root, seen)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(directory: Path, installs: Sequence[_Command], variables: dict[str, str], say: Callable[[str], None]) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    say(f"making a virtual environment of Python {platform.python_version()} (kept for the next time)")
    _run(
        [sys.executable, "-m", "venv", str(directory)],
        directory.parent,
        {},
        "a virtual environment cannot be made; if Python came from the system, install its venv package",
    )
    for install in installs:
        shown = " ".join(install.portable[1:])
        say(f"pip install {shown}")
        _run(
            [str(directory / "bin" / "python"), "-m", "pip", "install", "--no-input", *install.arguments],
            install.directory,
            {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
            f"pip install {shown} failed; mend the requirements, or the access to the package index",
        )
    (directory / _MARKER).touch()


def _run(command: Sequence[str], directory: Path, variables: dict[str, str], failure: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        done = subprocess.run(  # noqa: S603 - the program is this Python, the arguments are the Dockerfile's
            command,
            cwd=directory,
            env={**inherited, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise LocalError(f"{failure}: {error}") from error
    if done.returncode != 0:
        lines = done.stdout.strip().splitlines()[-_SHOWN_LINES:]
        raise LocalError("\n".join([f"{failure}:", *lines]))
