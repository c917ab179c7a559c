"""The JSONPath expressions that filter the records of a transform job.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import re
from typing import Any

from sagemaker_local.errors import LocalError

_STEP = re.compile(r"\.(?P<name>[A-Za-z_]\w*)|\[(?P<inside>[^\]]+)\]")
_INDEX = re.compile(r"-?\d+")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?")


def select(expression: str, value: Any) -> Any:
    """Return the part of a record that an expression names.

    Args:
        expression: ``$``, followed by ``.name``, ``['name','other']``, or ``[0,2:5,-1]``.
        value: The record: a list of columns, an object, or what is nested in them.

    Raises:
        LocalError: If it cannot be read, or names what the record does not have.
    """
    if not expression.startswith("$"):
        raise LocalError(f"the filter {expression} does not begin with $")
    position = 1
    while position < len(expression):
        found = _STEP.match(expression, position)
        if found is None:
            raise LocalError(f"the filter {expression} cannot be read from {expression[position:]!r} on")
        position = found.end()
        try:
            value = value[found["name"]] if found["name"] is not None else _inside(found["inside"], value)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise LocalError(f"the filter {expression} names what a record does not have: {error!r}") from error
    return value


def _inside(text: str, value: Any) -> Any:
    parts = [part.strip() for part in text.split(",")]
    if all(part[:1] in "'\"" for part in parts):
        names = [part.strip("'\"") for part in parts]
        return value[names[0]] if len(names) == 1 else {name: value[name] for name in names}
    if len(parts) == 1 and _INDEX.fullmatch(parts[0]):
        return value[int(parts[0])]
    chosen: list[Any] = []
    for part in parts:
        bounds = _SLICE.fullmatch(part)
        if bounds is None:
            chosen.append(value[int(part)])
        else:
            begin, end = (None if bound is None else int(bound) for bound in bounds.groups())
            chosen.extend(value[begin:end])
    return chosen
