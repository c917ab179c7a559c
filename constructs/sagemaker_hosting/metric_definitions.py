"""Metrics that SageMaker finds in what training prints, by regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sagemaker_hosting.validation import Problems

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricDefinition.html
_MOST = 40
_LONGEST_NAME = 255
_LONGEST_EXPRESSION = 500


def check_metrics(problems: Problems, metrics: Mapping[str, str]) -> None:
    """Record what SageMaker refuses, and expressions in which it never finds a value.

    Args:
        problems: Where to record.
        metrics: Expressions by the name of the metric.
    """
    problems.between("the number of metrics", len(metrics), 0, _MOST, "metrics")
    for name, expression in metrics.items():
        problems.length("names of metrics", name, 1, _LONGEST_NAME)
        problems.length(f"metrics[{name!r}]", expression, 1, _LONGEST_EXPRESSION)
        if is_token(expression):
            continue
        try:
            groups = re.compile(expression).groups
        except re.error as error:
            problems.add(f"metrics[{name!r}] must be a regular expression, got {expression!r}: {error}")
        else:
            problems.check(
                groups > 0, f"metrics[{name!r}] must have a group that matches the value, got {expression!r}"
            )


def describe_metrics(metrics: Mapping[str, str]) -> list[dict[str, str]] | None:
    """Return them as the API takes them; ``None`` if there are none.

    Args:
        metrics: Expressions by the name of the metric.
    """
    return [{"Name": name, "Regex": expression} for name, expression in metrics.items()] or None
