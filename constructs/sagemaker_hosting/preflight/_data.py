"""The checked-in facts. ``tests/preflight/compile_data.py`` says where each comes from and renews them."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def data(name: str) -> dict[str, Any]:
    """One of the data files: ``limits``, ``instances``, ``offers`` or ``catalog``."""
    loaded: dict[str, Any] = json.loads((resources.files("sagemaker_hosting") / "data" / f"{name}.json").read_bytes())
    return loaded
