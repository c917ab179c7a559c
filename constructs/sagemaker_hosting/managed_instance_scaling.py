"""The range in which SageMaker itself chooses the number of instances."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk

from sagemaker_hosting.validation import Problems


@dataclass(frozen=True, kw_only=True)
class ManagedInstanceScaling:
    """SageMaker adds and removes instances as the copies of inference components need them.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantManagedInstanceScaling.html

    Args:
        max_instance_count: Instances at most, at least 1.
        min_instance_count: Instances at least. 0 lets an endpoint whose models are inference components scale to zero.

    Raises:
        ValidationError: If a count is outside these limits, or the minimum is above the maximum.
    """

    max_instance_count: int
    min_instance_count: int = 1

    def __post_init__(self) -> None:
        problems = Problems("ManagedInstanceScaling")
        problems.between("max_instance_count", self.max_instance_count, 1, None, "instances")
        problems.between("min_instance_count", self.min_instance_count, 0, None, "instances")
        problems.check(
            cdk.Token.is_unresolved(self.min_instance_count)
            or cdk.Token.is_unresolved(self.max_instance_count)
            or self.min_instance_count <= self.max_instance_count,
            f"min_instance_count must be at most max_instance_count ({self.max_instance_count}), "
            f"got {self.min_instance_count}",
        )
        problems.raise_if_any()
