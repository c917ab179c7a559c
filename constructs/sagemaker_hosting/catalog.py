"""Facts of AWS's pages, each with its source: the same data that preflight checks finished templates against."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


def is_in_family(instance_type: str, group: str) -> bool:
    """Return whether an instance type belongs to a family of a group.

    Args:
        instance_type: Name with its ``ml.`` prefix, or a token.
        group: Name of a list of families in the data.
    """
    family = instance_type.removeprefix("ml.").partition(".")[0]
    return family in _catalog()[group]["families"]


@cache
def _catalog() -> dict[str, Any]:
    place = resources.files("sagemaker_hosting") / "data" / "catalog.json"
    found: dict[str, Any] = json.loads(place.read_bytes())
    return found
