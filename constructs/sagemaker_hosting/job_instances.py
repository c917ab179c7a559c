"""The instances that jobs run on, whose types are not those of hosting."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import aws_cdk as cdk

if TYPE_CHECKING:
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.validation import Problems


def check_instance_type(
    problems: Problems, argument: str, instance_type: InstanceType, use: Literal["processing", "training", "transform"]
) -> None:
    """Record a type that SageMaker does not offer for this use.

    The types are those of ``ProcessingInstanceType``, ``TrainingInstanceType`` and ``TransformInstanceType`` in
    botocore's service model.

    Args:
        problems: Where to record.
        argument: Name of the argument that gave the type.
        instance_type: The type.
        use: What it is for.
    """
    name = instance_type.to_string()
    offered = _offered()[use]
    problems.check(
        cdk.Token.is_unresolved(name) or name in offered,
        f"{argument} must be one of the {len(offered)} types that SageMaker offers for {use}, got {name!r}",
    )


@cache
def _offered() -> dict[str, list[str]]:
    file = resources.files("sagemaker_hosting") / "data" / "limits.json"
    found: dict[str, list[str]] = json.loads(file.read_bytes())["instance_types"]
    return found
