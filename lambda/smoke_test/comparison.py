"""Compares an answer with the expected one."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

_LONGEST_QUOTE = 200


def difference(answer: bytes, expected: bytes | None, tolerance: float | None) -> str | None:
    """Say where an answer is not what was expected.

    Args:
        answer: What the endpoint answered.
        expected: The right answer; ``None`` if any is.
        tolerance: How far a number may be from the expected one, both answers being JSON or CSV. ``None``: the answers
            are equal to the byte, but for white space at the end.

    Returns:
        A sentence about the first difference, or ``None`` if there is none.
    """
    if expected is None or answer.rstrip() == expected.rstrip():
        return None
    if tolerance is None:
        return f"expected {_quote(expected)}, got {_quote(answer)}"
    wanted, got = _parse(expected), _parse(answer)
    return _difference_of_values("", wanted, got, tolerance)


def _difference_of_values(place: str, wanted: Any, got: Any, tolerance: float) -> str | None:
    at = f"at {place}: " if place else ""
    if isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            return f"{at}expected {len(wanted)} values, got {len(got)}"
        pairs = [(f"{place}[{index}]", wanted[index], got[index]) for index in range(len(wanted))]
    elif isinstance(wanted, dict) and isinstance(got, dict):
        if wanted.keys() != got.keys():
            return f"{at}expected the keys {sorted(wanted)}, got {sorted(got)}"
        pairs = [(f"{place}.{key}" if place else key, wanted[key], got[key]) for key in wanted]
    elif _is_number(wanted) and _is_number(got):
        near = abs(wanted - got) <= tolerance
        return None if near else f"{at}expected {wanted} within {tolerance}, got {got}"
    else:
        same = isinstance(wanted, bool) is isinstance(got, bool) and wanted == got
        return None if same else f"{at}expected {wanted!r}, got {got!r}"
    return next((found for pair in pairs if (found := _difference_of_values(*pair, tolerance))), None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parse(text: bytes) -> Any:
    decoded = text.decode("utf-8", "replace").strip()
    try:
        return json.loads(decoded)
    except ValueError:
        return [[_number_or_text(field) for field in row] for row in csv.reader(io.StringIO(decoded))]


def _number_or_text(field: str) -> float | str:
    try:
        return float(field)
    except ValueError:
        return field


def _quote(text: bytes) -> str:
    quoted = repr(text.decode("utf-8", "replace").strip())
    return quoted if len(quoted) <= _LONGEST_QUOTE else f"{quoted[:_LONGEST_QUOTE]}... ({len(text)} bytes)"
