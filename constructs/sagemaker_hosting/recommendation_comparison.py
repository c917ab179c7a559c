"""Finds the cheapest and the fastest of some recommendations, in a state machine and without a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Mapping

_METRICS: Mapping[str, str] = {"cheapest": "CostPerInference", "fastest": "ModelLatency"}


def compare(scope: Construct, recommendations_path: str) -> sfn.Chain:
    """Return states that look at one recommendation after the other and keep the best, found at ``$.best``.

    A recommendation without the metric never wins against one that has it.

    Args:
        scope: Where the states are created.
        recommendations_path: Path of the recommendations, at least one.
    """
    place = Construct(scope, "Comparison")
    first = f"States.ArrayGetItem({recommendations_path}, 0)"
    begin = sfn.Pass(
        place,
        "First",
        parameters={f"{name}.$": first for name in _METRICS}
        | {"count.$": f"States.ArrayLength({recommendations_path})"},
        result_path="$.best",
    )
    position = sfn.Pass(place, "Position", parameters={"index": 0}, result_path="$.position")
    candidate = sfn.Pass(
        place,
        "Candidate",
        parameters={"item.$": f"States.ArrayGetItem({recommendations_path}, $.position.index)"},
        result_path="$.candidate",
    )
    advance = sfn.Pass(
        place, "Advance", parameters={"index.$": "States.MathAdd($.position.index, 1)"}, result_path="$.position"
    )
    more = sfn.Choice(place, "More?")
    done = sfn.Pass(place, "Compared")
    last: sfn.IChainable = advance
    for name, metric in _METRICS.items():
        last = _better(place, name, metric, last)
    begin.next(position).next(candidate).next(last)
    advance.next(more)
    more.when(sfn.Condition.number_less_than_json_path("$.position.index", "$.best.count"), candidate)
    more.otherwise(done)
    return sfn.Chain.custom(begin, [done], done)


def _better(place: Construct, name: str, metric: str, then: sfn.IChainable) -> sfn.Choice:
    best, new = f"$.best.{name}.Metrics.{metric}", f"$.candidate.item.Metrics.{metric}"
    keep = sfn.Pass(place, f"Keep {name}", input_path="$.candidate.item", result_path=f"$.best.{name}")
    keep.next(then)
    is_better = sfn.Condition.and_(
        sfn.Condition.is_present(new),
        sfn.Condition.or_(
            sfn.Condition.not_(sfn.Condition.is_present(best)), sfn.Condition.number_less_than_json_path(new, best)
        ),
    )
    return sfn.Choice(place, f"Is {name}?").when(is_better, keep).otherwise(then)
