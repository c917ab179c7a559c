import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

# Beside a training script; this project's container types what SageMaker passes by it.
DECLARATION = "hyperparameters.schema.json"
_MOST_FILES = 10_000
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Declared:
    """A hyperparameter that a training script declares, in the words of the API.

    Attributes:
        kind: ``Integer``, ``Continuous``, ``Categorical`` or ``FreeText``.
        minimum: Smallest value of a number.
        maximum: Largest value of a number.
        values: All values of a categorical one.
        default: Its default as text, or ``None``.
        required: Whether it must be given.
    """

    kind: str
    minimum: object
    maximum: object
    values: tuple[str, ...]
    default: str | None
    required: bool


def read_declaration(context: Path) -> dict[str, Declared] | None:
    """The hyperparameters that the one training script of a build context declares; ``None`` where there is no such."""
    files = [path for path in islice(_walk(context), _MOST_FILES) if path.name == DECLARATION]
    if len(files) != 1:
        return None
    try:
        if files[0].stat().st_size > _LARGEST:
            return None
        schema = json.loads(files[0].read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    properties = schema.get("properties") if isinstance(schema, dict) else None
    required = schema.get("required") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return None
    return {
        name: _declared(one, required=isinstance(required, list) and name in required)
        for name, one in properties.items()
        if isinstance(one, dict)
    }


def _walk(context: Path) -> Iterator[Path]:
    try:
        yield from context.rglob("*.json")
    except OSError:
        return


def _declared(described: dict[str, object], *, required: bool) -> Declared:
    values, default = described.get("enum"), described.get("default")
    kind = {"integer": "Integer", "number": "Continuous", "boolean": "Categorical"}.get(str(described.get("type")))
    if isinstance(values, list):
        kind = "Categorical"
    elif kind == "Categorical":
        values = ["false", "true"]
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return Declared(
        kind="FreeText" if kind is None else kind,
        minimum=described.get("minimum"),
        maximum=described.get("maximum"),
        values=tuple(str(value) for value in values) if isinstance(values, list) else (),
        default=None if default is None else text,
        required=required,
    )
