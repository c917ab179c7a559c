"""Runs the program of an image as a plain process, with no container engine."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.dockerfile import read_recipe
from sagemaker_local.errors import LocalError
from sagemaker_local.virtualenvs import prepare_virtualenv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sagemaker_local.dockerfile import Copy, ImageBuild, Recipe

_SAGEMAKER_DIRECTORY = "/opt/ml"
_STOP_SECONDS = 10


class ProcessEngine:
    """Copies the files of an image below a scratch directory, installs its packages, and starts its entrypoint.

    Only what the Dockerfile copies and installs with pip is there; its other commands are not run.

    Args:
        say: Gets a line on what takes time, and on what is left out.
    """

    name = "process"

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say

    def start(
        self,
        build: ImageBuild,
        *,
        argument: str,
        base_directory: Path,
        port: int,
        environment: Mapping[str, str],
        log_file: Path,
    ) -> ProcessContainer:
        """Start a container; see `Engine.start`."""
        recipe = read_recipe(build)
        for skipped in recipe.skipped:
            self._say(f"not run without a container engine: {skipped}")
        scratch = Path(tempfile.mkdtemp(prefix="process-", dir=base_directory.resolve().parent))
        try:
            tree = _FileTree.make(scratch / "root", recipe, build.directory, base_directory.resolve())
            virtualenv = prepare_virtualenv(recipe, tree.root, say=self._say)
            tree = tree.with_virtualenv(virtualenv, recipe)
            home = scratch / "tmp"
            home.mkdir()
            variables = _variables(recipe, tree, virtualenv, home) | {
                "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
                "SERVING_LOG_FORMAT": "text",  # people read it here
                **environment,
                "SAGEMAKER_BASE_DIR": str(base_directory.resolve()),
                "SAGEMAKER_BIND_TO_PORT": str(port),
                # Our image drops to users that its Dockerfile adds, and that do not exist on this machine.
                "SERVING_USER": "",
                "SERVING_WORKER_USER": "",
            }
            directory = tree.path(recipe.working_directory)
            command = _command([*recipe.command, argument], tree, directory, variables["PATH"])
            process = _start(command, directory, variables, log_file)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        return ProcessContainer(process, url=f"http://127.0.0.1:{port}", scratch=scratch, log_file=log_file)


class ProcessContainer:
    """An entrypoint that runs in a process group of its own.

    Attributes:
        url: Where it answers.

    Args:
        process: The leader of the group.
        url: Where it answers.
        scratch: Removed once it is stopped.
        log_file: What it prints.
    """

    def __init__(self, process: subprocess.Popen[bytes], *, url: str, scratch: Path, log_file: Path) -> None:
        self.url = url
        self._process = process
        self._scratch = scratch
        self._log_file = log_file
        self._killed = False

    def stop(self) -> None:
        """End the group: SIGTERM, and SIGKILL for what is left when the leader has ended or ten seconds are over."""
        try:
            if self.exit_code() is None:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP_SECONDS)
        finally:
            self._kill_group()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def log(self) -> str:
        """Return all that it printed so far."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    def exit_code(self) -> int | None:
        """Return the leader's exit code, negative for a signal, or None while it runs."""
        if self._process.poll() is not None:
            self._kill_group()
        return self._process.returncode

    def _kill_group(self) -> None:
        if not self._killed:  # once only: later the number may be that of another group
            self._killed = True
            self._signal(signal.SIGKILL)
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


@dataclass(frozen=True, kw_only=True)
class _FileTree:
    """Where the image's paths are on this machine.

    Attributes:
        root: Holds what is copied.
        places: Directories and files by the image's path. A path below one of them is below it here too.
    """

    root: Path
    places: Mapping[str, Path]

    @classmethod
    def make(cls, root: Path, recipe: Recipe, context: Path, base_directory: Path) -> _FileTree:
        root.mkdir()
        places = {_SAGEMAKER_DIRECTORY: base_directory}
        named = [*recipe.directories, *(copy.destination.rstrip("/") for copy in recipe.copies)]
        places.update(
            (path, root / path.lstrip("/"))
            for path in named
            if path != "" and not _is_below(path, _SAGEMAKER_DIRECTORY)
        )
        places.pop("/", None)
        tree = cls(root=root, places=places)
        for path in recipe.directories:
            tree.path(path).mkdir(parents=True, exist_ok=True)
        for copy in recipe.copies:
            tree.add(copy, context)
        return tree

    def with_virtualenv(self, virtualenv: Path, recipe: Recipe) -> _FileTree:
        return _FileTree(root=self.root, places={**self.places, **dict.fromkeys(recipe.virtualenvs, virtualenv)})

    def path(self, path: str) -> Path:
        """Return where the image's path is, whether something is there or not."""
        known = self.known(path)
        return self.root / path.lstrip("/") if known is None else known

    def known(self, path: str) -> Path | None:
        """Return where the image's path is, or None if it is of the base image."""
        for place in sorted(self.places, key=len, reverse=True):
            if _is_below(path, place):
                return self.places[place] / path[len(place) :].lstrip("/")
        return None

    def translated(self, value: str) -> str:
        """Return a variable's value with this machine's paths: of each part between colons, if it is a path."""
        return ":".join(str(self.known(part) or part) if part.startswith("/") else part for part in value.split(":"))

    def add(self, copy: Copy, context: Path) -> None:
        """Copy as Docker does: of a directory its contents, and a file into a directory or to a name."""
        found = [path for source in copy.sources for path in self._found(source, copy, context)]
        destination = self.path(copy.destination.rstrip("/") or "/")
        # SageMaker mounts its directory over the image's, so what is there already wins.
        mounted = _is_below(copy.destination, _SAGEMAKER_DIRECTORY)
        copy_file = _copy_missing if mounted else shutil.copy2
        into = copy.destination.endswith("/") or len(copy.sources) > 1 or len(found) > 1 or destination.is_dir()
        for path in found:
            if path.is_dir():
                shutil.copytree(
                    path, destination, copy_function=copy_file, ignore_dangling_symlinks=True, dirs_exist_ok=True
                )
            else:
                target = destination / path.name if into else destination
                target.parent.mkdir(parents=True, exist_ok=True)
                copy_file(path, target)

    def _found(self, source: str, copy: Copy, context: Path) -> Sequence[Path]:
        normal = posixpath.normpath(posixpath.join("/", source))
        if copy.from_stage:
            path = self.path(normal)
            # It may come from a command that is not run, or be in its place already.
            return [path] if path.exists() and path != self.path(copy.destination.rstrip("/") or "/") else []
        pattern = normal.lstrip("/")
        found = sorted(context.glob(pattern)) if any(sign in pattern for sign in "*?[") else [context / pattern]
        if not all(path.exists() for path in found) or not found:
            raise LocalError(f"line {copy.line} of the Dockerfile copies {source}, which {context} does not have")
        return found


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _copy_missing(source: str | Path, target: str | Path) -> None:
    if not Path(target).exists():
        shutil.copy2(source, target)


def _variables(recipe: Recipe, tree: _FileTree, virtualenv: Path, home: Path) -> dict[str, str]:
    of_image = {name: tree.translated(value) for name, value in recipe.environment.items()}
    search = [str(virtualenv / "bin"), *filter(None, [of_image.get("PATH")]), os.defpath]
    temporary = {"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}
    return temporary | of_image | {"PATH": ":".join(search)}


def _command(words: Sequence[str], tree: _FileTree, directory: Path, search: str) -> list[str]:
    program, *arguments = words
    known = tree.known(program) if program.startswith("/") else directory / program if "/" in program else None
    if known is not None and known.is_file():
        if known.is_relative_to(tree.root):
            known.chmod(known.stat().st_mode | stat.S_IXUSR)  # the image does so in a RUN
        found: str | None = str(known)
    else:
        found = shutil.which(Path(program).name, path=search)
    if found is None:
        raise LocalError(
            f"the image's program {program} is neither copied nor installed by its Dockerfile, but in its base image: "
            "give the Dockerfile an ENTRYPOINT of its own"
        )
    return [found, *map(tree.translated, arguments)]


def _start(
    command: Sequence[str], directory: Path, variables: Mapping[str, str], log_file: Path
) -> subprocess.Popen[bytes]:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("wb") as output:
        try:
            return subprocess.Popen(  # noqa: S603 - the user's own program
                command,
                cwd=directory,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise LocalError(f"{command[0]} cannot be started ({error}): check its first line and its mode") from error
