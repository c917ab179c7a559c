"""Changes a capacity with its load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk.interfaces import aws_applicationautoscaling as references

_SECONDS_PER_MINUTE = 60

_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


class ScalableCapacity(Construct):
    """A capacity that follows a metric or a timetable. Several policies may stand together."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        dimension: str,
        least: int,
        max_capacity: int,
        min_capacity: int,
        resource_id: str,
    ) -> None:
        """Register the capacity with Application Auto Scaling.

        Args:
            scope: Parent.
            id: Id below the parent.
            dimension: What is scaled, as Application Auto Scaling calls it: ``variant:DesiredInstanceCount``.
            least: What ``min_capacity`` is at least.
            max_capacity: Capacity at most, at least 1.
            min_capacity: Capacity at least.
            resource_id: Whose capacity it is: ``endpoint/NAME/variant/NAME``.

        Raises:
            ValidationError: If a capacity is outside these limits, or the minimum is above the maximum.
        """
        super().__init__(scope, id)
        self._least = least
        self._check("auto_scale", min_capacity, max_capacity)
        stack = stack_of(scope)
        self._target = autoscaling.ScalableTarget(
            self,
            "Target",
            max_capacity=max_capacity,
            min_capacity=min_capacity,
            resource_id=resource_id,
            role=iam.Role.from_role_arn(
                self,
                "Role",
                stack.format_arn(service="iam", region="", resource="role", resource_name=_ROLE),
                mutable=False,
            ),
            scalable_dimension=f"sagemaker:{dimension}",
            service_namespace=autoscaling.ServiceNamespace.SAGEMAKER,
        )

    @property
    def env(self) -> cdk.interfaces.ResourceEnvironment:
        """Account and region of the capacity, as constructs of the CDK ask for them."""
        return self._target.env

    @property
    def scalable_target_ref(self) -> references.ScalableTargetReference:
        """The capacity, as constructs of the CDK refer to it."""
        return self._target.scalable_target_ref

    def scale_on_metric(
        self,
        id: str,  # noqa: A002
        *,
        metric: cloudwatch.IMetric,
        target_value: float,
        disable_scale_in: bool | None = None,
        policy_name: str | None = None,
        scale_in_cooldown: cdk.Duration | None = None,
        scale_out_cooldown: cdk.Duration | None = None,
    ) -> None:
        """Hold a metric near a value, such as ``variant.metric_cpu_utilization()`` near 60 percent.

        Args:
            id: Id below this construct.
            metric: A metric that falls as capacity rises, in proportion.
            target_value: The value, in the unit of the metric, above 0.
            disable_scale_in: Whether capacity is only added. Without it, it is removed too.
            policy_name: Physical name. Without it, CloudFormation makes one.
            scale_in_cooldown: Time between two removals. Without it, 5 minutes.
            scale_out_cooldown: Time between two additions. Without it, 5 minutes.

        Raises:
            ValidationError: If the value is not above 0.
        """
        self._check_positive("scale_on_metric", target_value=target_value)
        self._check_policy_name("scale_on_metric", policy_name)
        self._target.scale_to_track_metric(
            id,
            custom_metric=metric,
            target_value=target_value,
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )

    def scale_on_step_metric(
        self,
        id: str,  # noqa: A002
        *,
        metric: cloudwatch.IMetric,
        scaling_steps: Sequence[autoscaling.ScalingInterval],
        adjustment_type: autoscaling.AdjustmentType | None = None,
        cooldown: cdk.Duration | None = None,
        datapoints_to_alarm: int | None = None,
        evaluation_periods: int | None = None,
        metric_aggregation_type: autoscaling.MetricAggregationType | None = None,
        min_adjustment_magnitude: int | None = None,
    ) -> None:
        """Add or remove capacity by how far a metric is from where it should be.

        Args:
            id: Id below this construct.
            metric: Any metric.
            scaling_steps: At least two intervals of the metric, each with its change of capacity.
            adjustment_type: What the changes mean. Without it, a number to add.
            cooldown: Time after a change in which the next one is left out. Without it, none.
            datapoints_to_alarm: How many of the periods must be in an interval. Without it, all.
            evaluation_periods: Periods that are looked at. Without it, 1.
            metric_aggregation_type: How the points of a period become one. Without it, as the metric's statistic says.
            min_adjustment_magnitude: Least change where changes are percentages.
        """
        self._target.scale_on_metric(
            id,
            metric=metric,
            scaling_steps=list(scaling_steps),
            adjustment_type=adjustment_type,
            cooldown=cooldown,
            datapoints_to_alarm=datapoints_to_alarm,
            evaluation_periods=evaluation_periods,
            metric_aggregation_type=metric_aggregation_type,
            min_adjustment_magnitude=min_adjustment_magnitude,
        )

    def scale_on_schedule(
        self,
        id: str,  # noqa: A002
        *,
        schedule: autoscaling.Schedule,
        end_time: dt.datetime | None = None,
        max_capacity: int | None = None,
        min_capacity: int | None = None,
        start_time: dt.datetime | None = None,
        time_zone: cdk.TimeZone | None = None,
    ) -> None:
        """Change minimum, maximum or both at given times.

        Args:
            id: Id below this construct.
            schedule: When.
            end_time: When it ends. Without it, never.
            max_capacity: New maximum. Without it, it stays.
            min_capacity: New minimum. Without it, it stays.
            start_time: When it begins. Without it, at once.
            time_zone: Where the clock of the schedule hangs. Without it, in UTC.

        Raises:
            ValidationError: If neither is given, one is outside its limits, or the minimum is above the maximum.
        """
        self._check("scale_on_schedule", min_capacity, max_capacity)
        self._target.scale_on_schedule(
            id,
            schedule=schedule,
            end_time=end_time,
            max_capacity=max_capacity,
            min_capacity=min_capacity,
            start_time=start_time,
            time_zone=time_zone,
        )

    def _check(self, method: str, min_capacity: int | None, max_capacity: int | None) -> None:
        problems = Problems(lambda: f"{method} of '{self.node.path}'")
        problems.check(
            min_capacity is not None or max_capacity is not None, "min_capacity or max_capacity must be given, got none"
        )
        problems.between("min_capacity", min_capacity, self._least, None, "as a capacity")
        problems.between("max_capacity", max_capacity, max(self._least, 1), None, "as a capacity")
        known = [value for value in (min_capacity, max_capacity) if value is not None and not is_token(value)]
        problems.check(
            known == sorted(known), f"min_capacity must be at most max_capacity ({max_capacity}), got {min_capacity}"
        )
        problems.raise_if_any()

    def _check_policy_name(self, method: str, policy_name: str | None) -> None:
        problems = Problems(lambda: f"{method} of '{self.node.path}'")
        problems.matches("policy_name", policy_name, r"[ -~]{1,256}", "1 to 256 printable characters")
        problems.raise_if_any()

    def _check_positive(self, method: str, **values: float) -> None:
        problems = Problems(lambda: f"{method} of '{self.node.path}'")
        for name, value in values.items():
            problems.check(is_token(value) or value > 0, f"{name} must be above 0, got {value}")
        problems.raise_if_any()

    def _invocations_per_minute(self, max_requests_per_second: float, safety_factor: float) -> float:
        """What one of them is to answer at most."""
        method = "scale_on_invocations"
        self._check_positive(method, max_requests_per_second=max_requests_per_second, safety_factor=safety_factor)
        problems = Problems(lambda: f"{method} of '{self.node.path}'")
        problems.between("safety_factor", safety_factor, 0, 1, "as a share")
        problems.raise_if_any()
        return max_requests_per_second * _SECONDS_PER_MINUTE * safety_factor

    def _track(
        self,
        id: str,  # noqa: A002
        metric: autoscaling.PredefinedMetric,
        target_value: float,
        *,
        disable_scale_in: bool | None,
        policy_name: str | None,
        scale_in_cooldown: cdk.Duration | None,
        scale_out_cooldown: cdk.Duration | None,
    ) -> None:
        self._check_policy_name("scale", policy_name)
        self._target.scale_to_track_metric(
            id,
            predefined_metric=metric,
            target_value=target_value,
            disable_scale_in=disable_scale_in,
            policy_name=policy_name,
            scale_in_cooldown=scale_in_cooldown,
            scale_out_cooldown=scale_out_cooldown,
        )
