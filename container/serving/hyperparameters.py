"""Hyperparameters that the training program declares: typed, checked, and with their defaults.

SageMaker passes strings. A file `hyperparameters.schema.json` beside the program says what they stand for: a JSON
Schema of an object whose properties are `integer`, `number`, `boolean`, `string`, or an `enum` of strings, with
`minimum`, `maximum` and `default`; `required` names those that must be given. The library makes the Algorithm of the
same file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serving.errors import TrainingInputError

DECLARATION = "hyperparameters.schema.json"

# What SageMaker's tuning jobs and its Python SDK add of their own accord.
_FOREIGN = ("_", "sagemaker_")
_BOOLEANS = {"true": True, "false": False}


def declared(program: Path, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values of what a program declares, or None where it declares nothing.

    Args:
        program: The file whose neighbour is the declaration.
        given: What SageMaker passes.

    Raises:
        TrainingInputError: A value is not what is declared, one is missing, or one is not declared. All are named.
    """
    file = program.parent / DECLARATION
    try:
        schema = json.loads(file.read_bytes())
        properties, required = schema["properties"], schema.get("required", [])
        known = {name: _Declared(name, described) for name, described in properties.items()}
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as reason:
        raise TrainingInputError(f"{file} is no JSON Schema with properties: {reason!r}.") from reason
    values = {name: one.default for name, one in known.items() if one.default is not None}
    problems = [f"{name} is required" for name in required if name not in given]
    for name, value in given.items():
        if name in known:
            try:
                values[name] = known[name].read(value)
            except ValueError as problem:
                problems.append(str(problem))
        elif name.startswith(_FOREIGN):
            values[name] = value
        else:
            problems.append(f"{name} is not declared")
    if problems:
        raise TrainingInputError(f"Hyperparameters are not as {file} declares: {'; '.join(problems)}.")
    return values


class _Declared:
    def __init__(self, name: str, described: Mapping[str, Any]) -> None:
        self._name = name
        self._values = described.get("enum")
        self._type = described.get("type", "string")
        self._minimum, self._maximum = described.get("minimum"), described.get("maximum")
        self.default = described.get("default")

    def read(self, text: object) -> Any:  # noqa: ANN401 - a hyperparameter has any type
        """The value that a string stands for; ValueError says what is allowed instead."""
        read = str(text)
        if self._values is not None:
            if read not in self._values:
                raise ValueError(f"{self._name} must be {' or '.join(self._values)}, got {read!r}")
            return read
        match self._type:
            case "boolean":
                if read.lower() not in _BOOLEANS:
                    raise ValueError(f"{self._name} must be true or false, got {read!r}")
                return _BOOLEANS[read.lower()]
            case "string":
                return read
            case _:
                return self._number(read)

    def _number(self, read: str) -> float:
        whole = self._type == "integer"
        try:
            value = int(read) if whole else float(read)
        except ValueError:
            raise ValueError(f"{self._name} must be a{' whole' * whole} number, got {read!r}") from None
        low, high = self._minimum, self._maximum
        if not ((low is None or value >= low) and (high is None or value <= high)):  # not: NaN is in no range
            allowed = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
            raise ValueError(f"{self._name} must be {allowed}, got {read}")
        return value
