"""A Dockerfile, read for what a plain process needs: files, pip installs, variables and the program to start."""

from __future__ import annotations

import io
import posixpath
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import WordSplitter

from sagemaker_local.dockerfile_words import commands, exec_form, expand, replace_variables
from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH of an image whose base sets none, so that `ENV PATH=/opt/venv/bin:$PATH` means something."""

_PYTHON = re.compile(r"(?:.*/)?python[0-9.]*")
_PIP = re.compile(r"(?:.*/)?pip[0-9.]*")
_FLAG = re.compile(r"--[a-z-]+(?:=\S*)?(?:\s+|$)")
_ARCHIVE = re.compile(r"\.(?:tar|tgz|tbz2|txz|tar\.\w+)$")
_HERE_DOCUMENT = re.compile(r"<<-?[\"']?[A-Za-z_]")


@dataclass(frozen=True, kw_only=True)
class ImageBuild:
    """What `docker build` gets.

    Attributes:
        directory: The build context.
        dockerfile: Path of the Dockerfile in it.
        build_args: Values of `ARG`, by name.
        target: Name of the stage to build. Without it, the last one.
    """

    directory: Path
    dockerfile: str = "Dockerfile"
    build_args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class Install:
    """A `pip install`.

    Attributes:
        arguments: What follows `install`.
        working_directory: The image's path that it runs in.
    """

    arguments: tuple[str, ...]
    working_directory: str


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A `COPY`.

    Attributes:
        sources: Paths or patterns, relative to the build context, or to the image if `from_stage`.
        destination: The image's path, absolute; a directory if it ends with a slash.
        from_stage: Whether another stage of the same Dockerfile is the source.
        line: Where it stands in the Dockerfile, from 1.
    """

    sources: tuple[str, ...]
    destination: str
    from_stage: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What makes a plain process of an image.

    All stages share one file tree, as none of them changes what another one sees in practice.

    Attributes:
        copies: In the order of the Dockerfile.
        installs: In the order of the Dockerfile.
        environment: `ENV`.
        command: `ENTRYPOINT`; empty if there is none.
        default_arguments: `CMD`. SageMaker replaces it by `serve` or `train`.
        working_directory: `WORKDIR`, absolute.
        directories: Every `WORKDIR`, which Docker makes.
        virtualenvs: The image's paths of virtual environments.
        skipped: The commands of `RUN` that are not run.
    """

    copies: tuple[Copy, ...]
    installs: tuple[Install, ...]
    environment: Mapping[str, str]
    command: tuple[str, ...]
    default_arguments: tuple[str, ...]
    working_directory: str
    directories: tuple[str, ...]
    virtualenvs: tuple[str, ...]
    skipped: tuple[str, ...]


def read_recipe(build: ImageBuild) -> Recipe:
    """Read the Dockerfile of a build.

    Raises:
        LocalError: If it is not there, or has something that a plain process cannot follow.
    """
    stages = _read_stages(build)
    final = _final_stage(build, stages)
    needed = [stage for stage in stages if stage in _closure(final)]
    return Recipe(
        copies=tuple(copy for stage in needed for copy in stage.copies),
        installs=tuple(install for stage in needed for install in stage.installs),
        environment=final.environment,
        command=final.command,
        default_arguments=final.default_arguments,
        working_directory=final.working_directory,
        directories=tuple(dict.fromkeys(path for stage in needed for path in stage.directories)),
        virtualenvs=tuple(dict.fromkeys(path for stage in needed for path in stage.virtualenvs)),
        skipped=tuple(command for stage in needed for command in stage.skipped),
    )


@dataclass(eq=False)
class _Stage:
    name: str
    needs: list[_Stage] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    default_arguments: tuple[str, ...] = ()
    working_directory: str = "/"
    copies: list[Copy] = field(default_factory=list)
    installs: list[Install] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    virtualenvs: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {"PATH": _BASE_PATH, **self.arguments, **self.environment}

    def absolute(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.working_directory, path))


def _read_stages(build: ImageBuild) -> list[_Stage]:
    path = build.directory / build.dockerfile
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LocalError(f"{path} cannot be read ({error.strerror}): name the Dockerfile of the image") from error
    stages: list[_Stage] = []
    before_first: dict[str, str] = {}
    for instruction in DockerfileParser(fileobj=io.BytesIO(content)).structure:
        name, value, line = instruction["instruction"], instruction["value"].strip(), instruction["startline"] + 1
        if name == "COMMENT":
            continue
        if name in ("RUN", "COPY", "ADD") and _HERE_DOCUMENT.search(value):
            raise LocalError(f"{path}, line {line}: here-documents are not read; join the commands with &&")
        try:
            if name == "FROM":
                stages.append(_start_stage(expand(value, before_first), stages))
            elif stages:
                arguments = {**before_first, **build.build_args}
                _read(stages[-1], stages, name=name, value=value, line=line, arguments=arguments)
            elif name == "ARG":
                before_first.update(_declared(value, before_first, build.build_args))
        except ValueError as error:
            raise LocalError(f"{path}, line {line}: {name} {error}") from error
    if not stages:
        raise LocalError(f"{path} has no FROM: it must describe an image")
    return stages


def _start_stage(value: str, stages: Sequence[_Stage]) -> _Stage:
    words = [word for word in value.split() if not word.startswith("--")]
    if not words:
        raise ValueError("must name an image")
    stage = _Stage(name=words[2] if len(words) > 2 else str(len(stages)))  # noqa: PLR2004 - image AS name
    base = _find_stage(words[0], stages)
    if base is not None:
        stage.needs = [base]
        stage.environment = dict(base.environment)
        stage.command = base.command
        stage.default_arguments = base.default_arguments
        stage.working_directory = base.working_directory
    return stage


def _find_stage(name: str, stages: Sequence[_Stage]) -> _Stage | None:
    for number, stage in enumerate(stages):
        if stage.name.lower() == name.lower() or str(number) == name:
            return stage
    return None


def _final_stage(build: ImageBuild, stages: Sequence[_Stage]) -> _Stage:
    if build.target is None:
        return stages[-1]
    stage = _find_stage(build.target, stages)
    if stage is None:
        names = ", ".join(stage.name for stage in stages)
        raise LocalError(f"{build.dockerfile} has no stage {build.target!r}: target must be one of {names}")
    return stage


def _closure(stage: _Stage) -> set[_Stage]:
    return {stage}.union(*(_closure(needed) for needed in stage.needs))


def _read(
    stage: _Stage, stages: Sequence[_Stage], *, name: str, value: str, line: int, arguments: Mapping[str, str]
) -> None:
    match name:
        case "ARG":
            stage.arguments.update(_declared(value, stage.variables, arguments))
        case "ENV":
            stage.environment.update(_assigned(value, stage.variables))
        case "WORKDIR":
            stage.working_directory = stage.absolute(expand(value, stage.variables))
            stage.directories.append(stage.working_directory)
        case "COPY" | "ADD":
            _read_copy(stage, stages, name=name, value=value, line=line)
        case "RUN":
            _read_run(stage, value)
        case "ENTRYPOINT":
            stage.command = exec_form(value)
            stage.default_arguments = ()
        case "CMD":
            stage.default_arguments = exec_form(value)


def _declared(value: str, variables: Mapping[str, str], given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word in WordSplitter(value).split(dequote=False):
        name, has_default, default = word.partition("=")
        if name in given:
            yield name, given[name]
        elif has_default:
            yield name, expand(default, variables)


def _assigned(value: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    words = list(WordSplitter(value).split(dequote=False))
    if "=" not in words[0]:
        name, _, text = value.partition(" ")
        yield name, expand(text.strip(), variables)
        return
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise ValueError(f"must be NAME=VALUE, got {word!r}")
        yield name, expand(text, variables)


def _read_copy(stage: _Stage, stages: Sequence[_Stage], *, name: str, value: str, line: int) -> None:
    flags, rest = _split_flags(value)
    if rest.startswith("["):
        words = [replace_variables(word, stage.variables) for word in exec_form(rest)]
    else:
        words = [expand(word, stage.variables) for word in WordSplitter(rest).split(dequote=False)]
    if len(words) < 2:  # noqa: PLR2004 - a source and a destination
        raise ValueError("must have a source and a destination")
    *sources, destination = words
    origin = _find_stage(flags["--from"], stages[:-1]) if "--from" in flags else None
    if ("--from" in flags and origin is None) or any("://" in source for source in sources):
        stage.skipped.append(f"{name} {value}")
        return
    if name == "ADD" and any(_ARCHIVE.search(source) for source in sources):
        raise ValueError("of an archive unpacks it in an engine only: unpack it in the build context, and COPY it")
    absolute = stage.absolute(destination)
    is_directory = destination.endswith(("/", "/.")) or destination == "."
    if origin is not None:
        stage.needs.append(origin)
        known = [source for source in sources if _copy_of_stage(stage, origin, source, absolute)]
        if not known:
            return
        sources = known
    stage.copies.append(
        Copy(
            sources=tuple(sources),
            destination=absolute.rstrip("/") + "/" if is_directory else absolute,
            from_stage=origin is not None,
            line=line,
        )
    )


def _copy_of_stage(stage: _Stage, origin: _Stage, source: str, destination: str) -> bool:
    """Note what a path of another stage is, and return whether there are files at it that a `COPY` put there."""
    path = posixpath.normpath(posixpath.join("/", source))
    made = [*_closure(origin)]
    environments = [each for one in made for each in one.virtualenvs if _is_at_or_below(each, path)]
    stage.virtualenvs.extend(posixpath.normpath(destination + each[len(path.rstrip("/")) :]) for each in environments)
    files = [copy.destination.rstrip("/") or "/" for one in made for copy in one.copies]
    places = [*files, *(directory for one in made for directory in one.directories)]
    if any(_is_at_or_below(place, path) or _is_at_or_below(path, place) for place in places):
        return path not in environments
    installed = any(path in argument for one in made for install in one.installs for argument in install.arguments)
    if not environments and not installed:
        stage.skipped.append(f"COPY --from={origin.name} {source}")
    return False


def _is_at_or_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")


def _split_flags(value: str) -> tuple[dict[str, str], str]:
    flags = {}
    while flag := _FLAG.match(value):
        name, _, text = flag[0].strip().partition("=")
        flags[name] = text
        value = value[flag.end() :]
    return flags, value


def _read_run(stage: _Stage, value: str) -> None:
    _, script = _split_flags(value)
    directory = stage.working_directory
    for words in commands(script, stage.variables):
        match words:
            case ["cd", path]:
                directory = posixpath.normpath(posixpath.join(directory, path))
            case [pip, "install", *arguments] if _PIP.fullmatch(pip):
                stage.installs.append(Install(arguments=tuple(arguments), working_directory=directory))
            case [python, "-m", "pip", "install", *arguments] if _PYTHON.fullmatch(python):
                stage.installs.append(Install(arguments=tuple(arguments), working_directory=directory))
            case [python, "-m", "venv", *_, path] if _PYTHON.fullmatch(python):
                stage.virtualenvs.append(posixpath.normpath(posixpath.join(directory, path)))
            case _:
                stage.skipped.append(shlex.join(words))
