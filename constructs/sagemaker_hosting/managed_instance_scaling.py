"""The range in which SageMaker itself chooses the number of instances."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.limits import check_number
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems


class ScaleInStrategy(enum.Enum):
    """Which instances are given back."""

    CONSOLIDATION = "CONSOLIDATION"
    """Those whose copies of inference components fit on others, to which they move."""
    IDLE_RELEASE = "IDLE_RELEASE"
    """Those without a copy."""


@dataclass(frozen=True, kw_only=True)
class ManagedInstanceScaling:
    """SageMaker adds and removes instances as the copies of inference components need them.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantManagedInstanceScaling.html

    Args:
        max_instance_count: Instances at most, at least 1.
        min_instance_count: Instances at least. 0 lets an endpoint whose models are inference components scale to zero.
        consolidation_cooldown: Time after the last change of the endpoint in which copies are not moved together, 5
            minutes to 1 day in whole minutes. Without it, 20 minutes.
        consolidation_step_size: Instances that are given back at a time when copies are moved together, 1 to 100.
            Without it, 1.
        scale_in_strategy: Which instances are given back. Without it, SageMaker decides.

    Raises:
        ValidationError: If a value is outside these limits, the minimum is above the maximum, or what is for
            consolidation is given without it.
    """

    max_instance_count: int
    min_instance_count: int = 1
    consolidation_cooldown: cdk.Duration | None = None
    consolidation_step_size: int | None = None
    scale_in_strategy: ScaleInStrategy | None = None

    def __post_init__(self) -> None:
        problems = Problems("ManagedInstanceScaling")
        problems.between("max_instance_count", self.max_instance_count, 1, None, "instances")
        problems.between("min_instance_count", self.min_instance_count, 0, None, "instances")
        problems.check(
            is_token(self.min_instance_count)
            or is_token(self.max_instance_count)
            or self.min_instance_count <= self.max_instance_count,
            f"min_instance_count must be at most max_instance_count ({self.max_instance_count}), "
            f"got {self.min_instance_count}",
        )
        shape = "EndpointConfig.ScaleInPolicy"
        check_number(
            problems,
            "consolidation_cooldown",
            self._cooldown_in_minutes(),
            f"{shape}.CooldownInMinutes",
            "minutes",
        )
        check_number(
            problems,
            "consolidation_step_size",
            self.consolidation_step_size,
            f"{shape}.MaximumStepSize",
            "instances",
        )
        for name, value in (
            ("consolidation_cooldown", self.consolidation_cooldown),
            ("consolidation_step_size", self.consolidation_step_size),
        ):
            problems.check(
                value is None or self.scale_in_strategy is ScaleInStrategy.CONSOLIDATION,
                f"{name} must not be given without scale_in_strategy=ScaleInStrategy.CONSOLIDATION",
            )
        problems.raise_if_any()

    def _cooldown_in_minutes(self) -> float | None:
        return None if self.consolidation_cooldown is None else self.consolidation_cooldown.to_minutes()

    def render(self) -> sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty:
        """Describe it to CloudFormation."""
        strategy = self.scale_in_strategy
        return sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty(
            max_instance_count=self.max_instance_count,
            min_instance_count=self.min_instance_count,
            scale_in_policy=None
            if strategy is None
            else sagemaker.CfnEndpointConfig.ScaleInPolicyProperty(
                cooldown_in_minutes=self._cooldown_in_minutes(),
                maximum_step_size=self.consolidation_step_size,
                strategy=strategy.value,
            ),
            status="ENABLED",
        )
