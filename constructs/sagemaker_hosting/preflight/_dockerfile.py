import json
import re
from dataclasses import dataclass, field
from pathlib import Path

_MAX_BYTES = 1024 * 1024
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-+]([^}]*))?\}|(\w+))")
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile, with its line."""

    keyword: str
    arguments: str
    line: int

    @property
    def exec_form(self) -> list[str] | None:
        """The words of the exec form (``["program", "argument"]``), or ``None`` for the shell form."""
        try:
            words = json.loads(self.arguments)
        except (ValueError, RecursionError):
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


@dataclass(slots=True)
class Dockerfile:
    """The stage of a Dockerfile that becomes the image.

    Attributes:
        base: Image that the stage, through earlier stages, is built from; ``None`` where it depends on an argument
            without a default.
        platform: What ``FROM --platform`` says, if anything.
        instructions: Instructions of the stage and of the earlier stages it is built from, in order.
    """

    base: str | None = None
    platform: str | None = None
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, keyword: str) -> Instruction | None:
        """The instruction that takes effect where only the last one does."""
        return next((one for one in reversed(self.instructions) if one.keyword == keyword), None)

    def all(self, *keywords: str) -> list[Instruction]:
        """Every instruction of some keywords."""
        return [one for one in self.instructions if one.keyword in keywords]


def read_dockerfile(path: Path, *, target: str | None = None) -> Dockerfile | None:
    """Reads a Dockerfile; ``None`` where there is none or it is no text."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MAX_BYTES).decode()
    except (OSError, ValueError):
        return None
    return parse_dockerfile(text, target=target)


def parse_dockerfile(text: str, *, target: str | None = None) -> Dockerfile:
    """The final stage of a Dockerfile, or the one that is named."""
    arguments: dict[str, str] = {}
    stages: dict[str, Dockerfile] = {}
    current: Dockerfile | None = None
    for instruction in _instructions(text):
        if instruction.keyword == "ARG" and current is None:
            name, _, default = instruction.arguments.partition("=")
            arguments[name.strip()] = default.strip().strip("\"'")
        elif instruction.keyword == "FROM":
            name, current = _stage(instruction, arguments, stages)
            stages[name or str(len(stages))] = current
        elif current is not None:
            current.instructions.append(instruction)
    chosen = stages.get(target.lower()) if target else None
    return chosen or current or Dockerfile()


def _stage(
    instruction: Instruction, arguments: dict[str, str], stages: dict[str, Dockerfile]
) -> tuple[str, Dockerfile]:
    words = instruction.arguments.split()
    platform = next((word.removeprefix("--platform=") for word in words if word.startswith("--platform=")), None)
    words = [word for word in words if not word.startswith("--")]
    base = _expand(words[0], arguments) if words else None
    name = words[2].lower() if len(words) > 2 and words[1].upper() == "AS" else ""  # noqa: PLR2004  FROM image AS name
    platform = _expand(platform, arguments) if platform else None
    parent = stages.get((base or "").lower())
    if parent is None:
        return name, Dockerfile(base, platform)
    return name, Dockerfile(parent.base, platform or parent.platform, list(parent.instructions))


def _expand(text: str, arguments: dict[str, str]) -> str | None:
    """The text with arguments replaced by their defaults, or ``None`` where one has no default."""
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        default = arguments.get(found[1] or found[3]) or found[2]
        unknown = unknown or not default
        return default or ""

    expanded = _VARIABLE.sub(value, text)
    return None if unknown else expanded


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    pending: list[str] = []
    start = 0
    heredoc: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if heredoc is not None:
            heredoc = None if stripped == heredoc else heredoc
            continue
        if not stripped or stripped.startswith("#"):
            continue
        start = start if pending else number
        continued = stripped.endswith(("\\", "`"))
        pending.append(stripped[:-1].rstrip() if continued else stripped)
        if continued:
            continue
        keyword, _, arguments = " ".join(pending).partition(" ")
        pending = []
        found.append(Instruction(keyword.upper(), arguments.strip(), start))
        opened = _HEREDOC.search(arguments) if keyword.upper() in ("RUN", "COPY", "ADD") else None
        heredoc = opened[1] if opened else None
    return found
