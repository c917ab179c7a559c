"""Changes the number of copies of an inference component with its load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling

from sagemaker_hosting.scaling import ScalableCapacity
from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from constructs import Construct

    from sagemaker_hosting.component_metrics import ComponentMetrics


class ScalableCopyCount(ScalableCapacity):
    """The number of copies of an inference component; made by its ``auto_scale_copy_count``."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        component: ComponentMetrics,
        max_capacity: int,
        min_capacity: int,
    ) -> None:
        """Register the component; with a minimum of 0, also the alarm that wakes it.

        Args:
            scope: Parent.
            id: Id below the parent.
            component: The component.
            max_capacity: Copies at most, at least 1.
            min_capacity: Copies at least, 0 or more.

        Raises:
            ValidationError: If a capacity is outside these limits, or the minimum is above the maximum.
        """
        super().__init__(
            scope,
            id,
            dimension="inference-component:DesiredCopyCount",
            least=0,
            max_capacity=max_capacity,
            min_capacity=min_capacity,
            resource_id=f"inference-component/{component.inference_component_name}",
        )
        if not is_token(min_capacity) and min_capacity == 0:
            self._wake(component)

    def scale_on_invocations(
        self,
        id: str,  # noqa: A002
        *,
        max_requests_per_second: float,
        disable_scale_in: bool | None = None,
        policy_name: str | None = None,
        safety_factor: float = 0.5,
        scale_in_cooldown: cdk.Duration | None = None,
        scale_out_cooldown: cdk.Duration | None = None,
    ) -> None:
        """Hold the requests per minute and copy at ``max_requests_per_second * 60 * safety_factor``.

        Args:
            id: Id below this construct.
            max_requests_per_second: What one copy can answer, found by a load test; above 0.
            disable_scale_in: Whether copies are only added. Without it, they are removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            safety_factor: Share of that at which copies are added, since new ones take minutes; above 0, at most 1.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If a value is outside these limits.
        """
        self._track(
            id,
            autoscaling.PredefinedMetric.SAGEMAKER_INFERENCE_COMPONENT_INVOCATIONS_PER_COPY,
            self._invocations_per_minute(max_requests_per_second, safety_factor),
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )

    def scale_on_concurrency(
        self,
        id: str,  # noqa: A002
        *,
        max_concurrent_requests: float,
        disable_scale_in: bool | None = None,
        policy_name: str | None = None,
        scale_in_cooldown: cdk.Duration | None = None,
        scale_out_cooldown: cdk.Duration | None = None,
    ) -> None:
        """Hold the requests that one copy works on at the same time; measured every 10 seconds.

        Args:
            id: Id below this construct.
            max_concurrent_requests: How many, above 0.
            disable_scale_in: Whether copies are only added. Without it, they are removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If the number is not above 0.
        """
        self._check_positive("scale_on_concurrency", max_concurrent_requests=max_concurrent_requests)
        self._track(
            id,
            autoscaling.PredefinedMetric.SAGEMAKER_INFERENCE_COMPONENT_CONCURRENT_REQUESTS_PER_COPY_HIGH_RESOLUTION,
            max_concurrent_requests,
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )

    def _wake(self, component: ComponentMetrics) -> None:
        self.scale_on_step_metric(
            "Wake",
            metric=component.metric_no_capacity_invocation_failures(period=cdk.Duration.minutes(1)),
            scaling_steps=[
                autoscaling.ScalingInterval(change=0, upper=1),
                autoscaling.ScalingInterval(change=1, lower=1),
            ],
            cooldown=cdk.Duration.minutes(1),
            metric_aggregation_type=autoscaling.MetricAggregationType.MAXIMUM,
        )
