"""Changes the number of instances of a variant with its load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_applicationautoscaling as autoscaling

from sagemaker_hosting.scaling import ScalableCapacity
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct


class ScalableInstanceCount(ScalableCapacity):
    """The number of instances of a variant; made by ``auto_scale_instance_count`` of the variant."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint_name: str,
        has_queue: bool,
        max_capacity: int,
        min_capacity: int,
        variant_name: str,
    ) -> None:
        """Register the variant.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_name: Name of the endpoint.
            has_queue: Whether the endpoint is asynchronous, so that requests wait while there is no instance.
            max_capacity: Instances at most, at least 1.
            min_capacity: Instances at least: 0 or more if there is a queue, else 1 or more.
            variant_name: Name of the variant.

        Raises:
            ValidationError: If a capacity is outside these limits, or the minimum is above the maximum.
        """
        self._has_queue = has_queue
        super().__init__(
            scope,
            id,
            dimension="variant:DesiredInstanceCount",
            least=0 if has_queue else 1,
            max_capacity=max_capacity,
            min_capacity=min_capacity,
            resource_id=f"endpoint/{endpoint_name}/variant/{variant_name}",
        )

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
        """Hold the requests per minute and instance at ``max_requests_per_second * 60 * safety_factor``.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html

        Args:
            id: Id below this construct.
            max_requests_per_second: What one instance can answer, found by a load test; above 0.
            disable_scale_in: Whether instances are only added. Without it, they are removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            safety_factor: Share of that at which instances are added, since new ones take minutes; above 0, at most 1.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If a value is outside these limits, or the endpoint is asynchronous.
        """
        self._check_published("scale_on_invocations")
        self._track(
            id,
            autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
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
        """Hold the requests that one instance works on at the same time; measured every 10 seconds.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html

        Args:
            id: Id below this construct.
            max_concurrent_requests: How many, above 0.
            disable_scale_in: Whether instances are only added. Without it, they are removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If the number is not above 0, or the endpoint is asynchronous.
        """
        self._check_published("scale_on_concurrency")
        self._check_positive("scale_on_concurrency", max_concurrent_requests=max_concurrent_requests)
        self._track(
            id,
            autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_CONCURRENT_REQUESTS_PER_MODEL_HIGH_RESOLUTION,
            max_concurrent_requests,
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )

    def scale_from_zero(
        self,
        id: str,  # noqa: A002
        *,
        metric: cloudwatch.IMetric,
        cooldown: cdk.Duration | None = None,
    ) -> None:
        """Add the first instance as soon as a request waits; a backlog per instance has no value without instances.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html

        Args:
            id: Id below this construct.
            metric: ``endpoint.metric_has_backlog_without_capacity()``.
            cooldown: Time after the first instance was added. Without it, none.

        Raises:
            ValidationError: If the endpoint is not asynchronous, so that there is always an instance.
        """
        problems = Problems(lambda: f"scale_from_zero of '{self.node.path}'")
        problems.check(
            self._has_queue, "async_inference must be given for an endpoint that scales from zero instances, got none"
        )
        problems.raise_if_any()
        self.scale_on_step_metric(
            id,
            metric=metric,
            scaling_steps=[
                autoscaling.ScalingInterval(change=0, upper=1),
                autoscaling.ScalingInterval(change=1, lower=1),
            ],
            cooldown=cooldown,
        )

    def _check_published(self, method: str) -> None:
        problems = Problems(lambda: f"{method} of '{self.node.path}'")
        problems.check(
            not self._has_queue,
            f"{method} needs a metric that asynchronous endpoints do not publish: use scale_on_metric with "
            "metric_approximate_backlog_size_per_instance of the endpoint",
        )
        problems.raise_if_any()
