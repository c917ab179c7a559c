"""Which instance types SageMaker offers for which use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sagemaker_hosting.facts import facts
from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.validation import Problems

Use = Literal["hosting", "processing", "training", "transform"]


def check_offered(problems: Problems, argument: str, types: Sequence[InstanceType], use: Use) -> None:
    """Record types that SageMaker does not offer for a use.

    Source: the enumerations of botocore's service model (``TransformInstanceType`` and the like), whose version stands
    in ``data/limits.json``.

    Args:
        problems: Where to record.
        argument: Name of the argument that gave them.
        types: The types.
        use: What they are for.
    """
    offered = facts("limits")["instance_types"][use]
    for name in (one.to_string() for one in types):
        problems.check(
            is_token(name) or name in offered,
            f"{argument} must be among the {len(offered)} types that SageMaker offers for {use}, got {name!r}",
        )
