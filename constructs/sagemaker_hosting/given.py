"""Leaves out what was not given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that are ``None``; 0, ``False`` and an empty text stay.

    Args:
        values: By name.
    """
    return {name: value for name, value in values.items() if value is not None}
