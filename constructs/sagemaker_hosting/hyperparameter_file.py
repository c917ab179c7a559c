"""Reads the file in which a training script declares its hyperparameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sagemaker_hosting.validation import Problems

DECLARATION = "hyperparameters.schema.json"
"""Name of the file beside the training script; this project's container looks for it there."""

_TYPES = ("integer", "number", "string", "boolean")
_MEMBERS = ("type", "enum", "minimum", "maximum", "default", "description", "tunable")


def read_declarations(path: str | Path) -> list[dict[str, Any]]:
    """Return the arguments of ``Hyperparameter`` for each property of a JSON Schema.

    Args:
        path: The file.

    Raises:
        ValidationError: If it cannot be read, or uses more of JSON Schema than hyperparameters have.
    """
    file = Path(path)
    problems = Problems(f"Hyperparameter.from_file '{file}'")
    schema: Any = None
    try:
        schema = json.loads(file.read_bytes())
    except OSError as error:
        problems.add(f"path must be a file that can be read ({error.strerror})")
    except ValueError as error:
        problems.add(f"path must be a file of JSON: {error}")
    problems.raise_if_any()
    return parse_declarations(schema, problems)


def parse_declarations(schema: object, problems: Problems) -> list[dict[str, Any]]:
    """Return the arguments of ``Hyperparameter`` for each property of a parsed JSON Schema; see above."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict):
        problems.add("the file must be a JSON object with an object 'properties'")
        problems.raise_if_any()
        return []
    required = schema.get("required", [])
    if not isinstance(required, list) or not set(map(str, required)) <= properties.keys():
        problems.add(f"'required' must be a list of names in 'properties', got {required!r}")
        required = []
    declared = [_declaration(problems, name, one, name in required) for name, one in properties.items()]
    problems.raise_if_any()
    return declared


def _declaration(problems: Problems, name: str, described: object, required: bool) -> dict[str, Any]:
    if not isinstance(described, dict):
        problems.add(f"{name} must be a JSON object, got {described!r}")
        return {}
    unknown = sorted(described.keys() - set(_MEMBERS))
    problems.check(not unknown, f"{name} must hold only {', '.join(_MEMBERS)}, got {', '.join(unknown)}")
    kind, values, default = described.get("type"), described.get("enum"), described.get("default")
    declared: dict[str, Any] = {
        "name": name,
        "default": default,
        "description": described.get("description"),
        "required": required,
        "tunable": described.get("tunable", False),
    }
    if values is not None:
        texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
        problems.check(texts and kind in (None, "string"), f"enum of {name} must be a list of strings, got {values!r}")
        return {**declared, "kind": "Categorical", "values": tuple(values) if texts else ()}
    problems.check(kind in _TYPES, f"type of {name} must be {', '.join(_TYPES)}, got {kind!r}")
    match kind:
        case "boolean":
            problems.check(default is None or isinstance(default, bool), f"default of {name} must be true or false")
            text = None if default is None else str(default).lower()
            return {**declared, "default": text, "kind": "Categorical", "values": ("false", "true")}
        case "string":
            return {**declared, "kind": "FreeText"}
        case _:
            span = {end: described.get(end) for end in ("minimum", "maximum")}
            return {**declared, **span, "kind": "Integer" if kind == "integer" else "Continuous"}
