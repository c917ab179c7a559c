"""An algorithm: what trains a model, and what the trained model runs in."""

from __future__ import annotations

from typing import Protocol


class IAlgorithm(Protocol):
    """An algorithm, made here or imported."""

    @property
    def algorithm_arn(self) -> str:
        """ARN of the algorithm."""
