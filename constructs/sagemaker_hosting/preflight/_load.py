import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# CloudFormation accepts 1 MB from S3. JSON is read somewhat beyond that, as it costs little; YAML is not.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MAX_JSON_BYTES = 64 * 1024 * 1024
_MAX_YAML_BYTES = 2 * 1024 * 1024


class UnusableTemplateError(Exception):
    """The file is not a template; the message is a sentence that says why."""


class Lines(Protocol):
    """Finds the line of a place in a template's text."""

    def __call__(self, path: tuple[str | int, ...]) -> int | None:
        """The line, counted from 1."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A parsed template, and how to find the lines of its parts."""

    raw: object
    lines: Lines


def load_template(path: Path) -> Loaded:
    """Reads a JSON or YAML template.

    Raises:
        UnusableTemplateError: The file cannot be read, is too large, or is not JSON or YAML with a ``Resources`` map.
    """
    is_json = path.suffix == ".json"
    text = _read(path, _MAX_JSON_BYTES if is_json else _MAX_YAML_BYTES)
    loaded = _parse_json(text) if is_json or text.lstrip().startswith("{") else _parse_yaml(text)
    if not isinstance(loaded.raw, dict) or not isinstance(loaded.raw.get("Resources"), dict):
        raise UnusableTemplateError("it has no Resources, so it is not a CloudFormation template")
    return loaded


def _read(path: Path, limit: int) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise UnusableTemplateError(f"it is larger than {limit // 1024 // 1024} MB; CloudFormation accepts 1 MB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UnusableTemplateError(f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableTemplateError("it is not UTF-8 text") from error


def _parse_json(text: str) -> Loaded:
    from sagemaker_hosting.preflight._json_lines import JsonLines  # noqa: PLC0415  only for findings in JSON

    try:
        return Loaded(json.loads(text), JsonLines(text))
    except RecursionError as error:
        raise UnusableTemplateError("it is nested too deeply") from error
    except ValueError as error:
        raise UnusableTemplateError(f"it is not valid JSON: {error}") from error


def _parse_yaml(text: str) -> Loaded:
    # PyYAML takes 30 ms to import and most templates are JSON.
    from sagemaker_hosting.preflight._yaml import parse_yaml  # noqa: PLC0415

    raw, lines = parse_yaml(text)
    return Loaded(raw, lines)
