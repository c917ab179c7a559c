import json
from dataclasses import dataclass
from pathlib import Path

_MAX_DEPTH = 5
_NESTED = ".nested.template.json"


@dataclass(frozen=True, slots=True)
class Stack:
    """A template of a cloud assembly, with the Region it is deployed to where that is known."""

    template: Path
    region: str | None


def stacks(directory: Path, depth: int = 0) -> list[Stack]:
    """The templates of a cloud assembly and of its stages; nested stacks are found through their parents."""
    regions = _regions(directory)
    found = [
        Stack(file, regions.get(file.name))
        for file in sorted(directory.glob("*.template.json"))
        if not file.name.endswith(_NESTED)
    ]
    if depth < _MAX_DEPTH:
        for nested in sorted(directory.glob("assembly-*")):
            if nested.is_dir():
                found.extend(stacks(nested, depth + 1))
    return found


def _regions(directory: Path) -> dict[str, str]:
    try:
        manifest = json.loads((directory / "manifest.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    found: dict[str, str] = {}
    for artifact in artifacts.values() if isinstance(artifacts, dict) else ():
        match artifact:
            case {"environment": str(environment), "properties": {"templateFile": str(file)}}:
                region = environment.rpartition("/")[2]
                if region != "unknown-region":
                    found[file] = region
    return found
