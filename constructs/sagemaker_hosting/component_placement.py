"""Where the copies of an inference component go."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.limits import check_number
from sagemaker_hosting.validation import Problems


class PlacementStrategy(enum.Enum):
    """Which instance gets the next copy."""

    BINPACK = "BINPACK"
    """One that has copies already, so that few instances are needed."""
    SPREAD = "SPREAD"
    """One that has few copies, so that the loss of an instance is the loss of few copies."""


@dataclass(frozen=True, kw_only=True)
class ComponentPlacement:
    """How copies are spread over instances, and over Availability Zones as far as there are instances.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentSchedulingConfig.html

    Args:
        strategy: Which instance of a zone gets the next copy.
        max_imbalance: Copies that one zone may have more than another, 0 to 100. Without it, 0.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    strategy: PlacementStrategy
    max_imbalance: int | None = None

    def __post_init__(self) -> None:
        problems = Problems("ComponentPlacement")
        check_number(
            problems,
            "max_imbalance",
            self.max_imbalance,
            "InferenceComponent.InferenceComponentAvailabilityZoneBalance.MaxImbalance",
            "copies",
        )
        problems.raise_if_any()

    def render(self) -> sagemaker.CfnInferenceComponent.InferenceComponentSchedulingConfigProperty:
        """Describe it to CloudFormation."""
        return sagemaker.CfnInferenceComponent.InferenceComponentSchedulingConfigProperty(
            availability_zone_balance=sagemaker.CfnInferenceComponent.InferenceComponentAvailabilityZoneBalanceProperty(
                enforcement_mode="PERMISSIVE", max_imbalance=self.max_imbalance
            ),
            placement_strategy=self.strategy.value,
        )
