"""Limits of AWS's service models: the same data that preflight checks finished templates against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_hosting.facts import facts
from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk

    from sagemaker_hosting.validation import Problems


def check_number(problems: Problems, argument: str, value: float | None, limited: str, unit: str) -> None:
    """Record a number outside its limits.

    Args:
        problems: Where to record.
        argument: Name of the argument.
        value: What was given, or ``None``.
        limited: The property, such as ``EndpointConfig.InstancePool.Priority``.
        unit: What the number counts.
    """
    found = _limits(limited)
    problems.between(argument, value, found["min"], found.get("max"), unit)


def check_duration(problems: Problems, argument: str, value: cdk.Duration | None, limited: str) -> None:
    """Record a duration outside its limits, which are in seconds.

    Args:
        problems: Where to record.
        argument: Name of the argument.
        value: What was given, or ``None``.
        limited: The property.
    """
    found = _limits(limited)
    problems.duration(argument, value, found["min"], found["max"])


def check_length(problems: Problems, argument: str, value: str | None, limited: str) -> None:
    """Record a text that is too short or too long.

    Args:
        problems: Where to record.
        argument: Name of the argument.
        value: What was given, or ``None``.
        limited: The property.
    """
    if value is not None and not is_token(value):
        found = _limits(limited)
        problems.between(f"the length of {argument}", len(value), found.get("min", 0), found["max"], "characters")


def check_choice(problems: Problems, argument: str, value: str | None, limited: str) -> None:
    """Record a text that is none of a list.

    Args:
        problems: Where to record.
        argument: Name of the argument.
        value: What was given, or ``None``.
        limited: The property.
    """
    if value is not None and not is_token(value):
        choices = _limits(limited)["enum"]
        problems.check(value in choices, f"{argument} must be one of {', '.join(choices)}, got {value!r}")


def check_texts(problems: Problems, argument: str, values: Sequence[str] | None, limited: str) -> None:
    """Record a list that is too short or too long, or holds such a text.

    Args:
        problems: Where to record.
        argument: Name of the argument.
        values: What was given, or ``None``.
        limited: The property.
    """
    if values is None:
        return
    found = _limits(limited)
    problems.between(argument, len(values), found["min"], found["max"], "entries")
    for value in values:
        if not is_token(value):
            low, high = found["item"]["min"], found["item"]["max"]
            problems.between(f"the length of {value!r} in {argument}", len(value), low, high, "characters")


def _limits(limited: str) -> dict[str, Any]:
    shape, _, member = limited.rpartition(".")
    found: dict[str, Any] = facts("limits")["shapes"][f"AWS::SageMaker::{shape}"]["members"][member]
    return found
