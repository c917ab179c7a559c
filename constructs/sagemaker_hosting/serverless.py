"""The size of a model that is hosted without instances."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Serverless:
    """How large and how many; ``ServerlessProductionVariantProps`` describes and checks the values.

    Args:
        max_concurrency: Requests answered at the same time, 1 to 200.
        memory_size_in_mb: Memory in MB: 1024, 2048, 3072, 4096, 5120 or 6144.
        provisioned_concurrency: Requests that find a started model. Without it, none has to.
    """

    max_concurrency: int
    memory_size_in_mb: int
    provisioned_concurrency: int | None = None
