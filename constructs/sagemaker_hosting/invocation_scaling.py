"""How a hosted model follows its load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_hosting.endpoint_variant import EndpointInstanceProductionVariant
    from sagemaker_hosting.scalable_instance_count import ScalableInstanceCount


@dataclass(frozen=True, kw_only=True)
class InvocationScaling:
    """Instances follow the requests per second; ``ScalableInstanceCount`` describes and checks the values.

    Args:
        max_capacity: Instances at most, at least 1.
        max_requests_per_second: What one instance can answer, found by a load test; above 0.
        min_capacity: Instances at least. Without it, the initial number of instances.
        safety_factor: Share of that at which instances are added; above 0, at most 1.
    """

    max_capacity: int
    max_requests_per_second: float
    min_capacity: int | None = None
    safety_factor: float = 0.5

    def bind(self, variant: EndpointInstanceProductionVariant) -> ScalableInstanceCount:
        """Scale a variant.

        Args:
            variant: The variant.

        Raises:
            ValidationError: If a value is outside its limits, or the instances are burstable.
        """
        count = variant.auto_scale_instance_count(max_capacity=self.max_capacity, min_capacity=self.min_capacity)
        count.scale_on_invocations(
            "Invocations",
            max_requests_per_second=self.max_requests_per_second,
            safety_factor=self.safety_factor,
        )
        return count
