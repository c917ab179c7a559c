"""Checks at the door of every construct: skip tokens, collect all problems, raise once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import aws_cdk as cdk


class ValidationError(ValueError):
    """An argument that SageMaker or CloudFormation would refuse at deployment.

    Args:
        owner: What the arguments belong to: a construct path or a factory such as ``ModelData.from_directory``.
        problems: One sentence for each argument: its name, what is allowed, and what was given.
    """

    def __init__(self, owner: str, problems: Sequence[str]) -> None:
        self.owner = owner
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{owner}:", *(f"  - {problem}" for problem in problems)]))


class Problems:
    """Collects what is wrong with the arguments of one call.

    Args:
        owner: What the arguments belong to, or what finds that out when something is wrong.

    Every check passes a value that is ``None`` (not given) or a CDK token (not known before deployment).
    """

    def __init__(self, owner: str | Callable[[], str]) -> None:
        self._owner = owner
        self._found: list[str] = []

    def add(self, problem: str) -> None:
        """Record a problem, a sentence without its full stop."""
        self._found.append(problem)

    def check(self, ok: bool, problem: str) -> None:
        """Record ``problem`` unless ``ok``."""
        if not ok:
            self.add(problem)

    def between(self, name: str, value: float | None, low: float, high: float | None, unit: str) -> None:
        """Record a number outside ``low`` to ``high`` (``None``: no upper limit; a token: one that is not known)."""
        if value is None or is_token(value):
            return
        high = None if is_token(high) else high
        allowed = f"at least {low}" if high is None else f"{low} to {high}"
        self.check(value >= low and (high is None or value <= high), f"{name} must be {allowed} {unit}, got {value}")

    def duration(self, name: str, value: cdk.Duration | None, low: int, high: int) -> None:
        """Record a duration outside ``low`` to ``high`` seconds."""
        if value is not None and not value.is_unresolved():
            self.between(name, value.to_seconds(), low, high, "seconds")

    def matches(self, name: str, value: str | None, pattern: str, allowed: str) -> None:
        """Record a text that ``pattern`` does not match as a whole."""
        if value is None or is_token(value):
            return
        self.check(re.fullmatch(pattern, value) is not None, f"{name} must be {allowed}, got {value!r}")

    def length(self, name: str, value: str | None, low: int, high: int) -> None:
        """Record a text of fewer than ``low`` or more than ``high`` characters."""
        if value is None or is_token(value):
            return
        self.check(
            low <= len(value) <= high, f"the length of {name} must be {low} to {high} characters, got {len(value)}"
        )

    def one_of(self, name: str, value: str | None, allowed: Sequence[str]) -> None:
        """Record a text that is none of those that are allowed."""
        if value is None or is_token(value):
            return
        self.check(value in allowed, f"{name} must be {' or '.join(allowed)}, got {value!r}")

    def raise_if_any(self) -> None:
        """Raise what was collected.

        Raises:
            ValidationError: If anything was recorded.
        """
        if self._found:
            raise ValidationError(self._owner if isinstance(self._owner, str) else self._owner(), self._found)


NAME_PATTERN = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
NAME_ALLOWED = "1 to 63 letters, digits and hyphens that begin and end with a letter or digit"
"""Physical names of SageMaker resources.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""
