"""The checked-in facts of AWS: each file in ``data`` says where it comes from and of when it is."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def facts(name: str) -> dict[str, Any]:
    """Return one of the files: ``limits``, ``instances``, ``offers``, ``images`` or ``catalog``."""
    loaded: dict[str, Any] = json.loads((resources.files("sagemaker_hosting") / "data" / f"{name}.json").read_bytes())
    return loaded
