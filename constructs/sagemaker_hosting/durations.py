"""Durations as CloudFormation takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aws_cdk as cdk


def to_seconds(duration: cdk.Duration | None) -> float | None:
    """Return a duration in seconds; ``None`` stays ``None``.

    Args:
        duration: What a user gave, or did not.
    """
    return None if duration is None else duration.to_seconds()
