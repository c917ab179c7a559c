"""Where the programs that the library deploys lie: beside it in a wheel, at the root in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_bundle"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parents[1]

FUNCTIONS = _ROOT / "lambda"
"""Holds one package for each function."""

CONTAINER = _ROOT / "container"
"""Build context of the serving container."""
