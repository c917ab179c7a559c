"""Stands in for the runtime of models compiled by SageMaker Neo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mean_colour


class DLRModel:
    """A compiled model: https://neo-ai-dlr.readthedocs.io/en/latest/python-api.html."""

    def __init__(self, model_path: str, dev_type: str | None = None) -> None:
        assert dev_type == "cpu"
        self._weights = mean_colour.load(Path(model_path) / "compiled.params")

    def run(self, input_values: Any) -> list[Any]:
        """The outputs for one array, or for the only one of a mapping."""
        pictures = next(iter(input_values.values())) if isinstance(input_values, dict) else input_values
        return [mean_colour.probabilities(self._weights, pictures)]
