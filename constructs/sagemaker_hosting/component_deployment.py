"""How an update of an inference component reaches its callers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

_LONGEST_WAIT = 3600
_SHORTEST_TIMEOUT = 600
_LONGEST_TIMEOUT = 28800
_LEAST_PERCENT = 5
_MOST_PERCENT = 50
_MOST_ALARMS = 10
_WAIT = cdk.Duration.minutes(5)


@dataclass(frozen=True)
class CopyBatch:
    """How many copies are exchanged at once; made by ``percent`` or ``copies``.

    Args:
        kind: ``CAPACITY_PERCENT`` or ``COPY_COUNT``.
        value: How many.
    """

    kind: str
    value: int

    @staticmethod
    def percent(value: int) -> CopyBatch:
        """Return a share of the copies.

        Args:
            value: Whole percent; what uses it names the limits.
        """
        return CopyBatch("CAPACITY_PERCENT", value)

    @staticmethod
    def copies(value: int) -> CopyBatch:
        """Return a number of copies.

        Args:
            value: At least 1. The service checks that it is at most half of the copies.
        """
        return CopyBatch("COPY_COUNT", value)

    def check(self, problems: Problems, argument: str, low: int, high: int) -> None:
        """Record a share outside ``low`` to ``high`` percent, or a number of copies below 1."""
        if self.kind == "COPY_COUNT":
            problems.between(argument, self.value, 1, None, "copies")
        else:
            problems.between(argument, self.value, low, high, "percent")

    def render(self) -> sagemaker.CfnInferenceComponent.InferenceComponentCapacitySizeProperty:
        """Describe it to CloudFormation."""
        return sagemaker.CfnInferenceComponent.InferenceComponentCapacitySizeProperty(type=self.kind, value=self.value)


@dataclass(frozen=True, kw_only=True)
class ComponentDeployment:
    """Copies are exchanged a few at a time; if an alarm goes off, callers get the old answers again.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html

    Args:
        maximum_batch_size: 5 to 50 percent, or a number of copies.
        alarms: At most 10 alarms that take the update back. Without it, only copies that do not start do.
        maximum_execution_timeout: Time after which the update is taken back, 10 minutes to 8 hours. Without it,
            SageMaker's own limit holds.
        rollback_maximum_batch_size: 1 to 100 percent, or a number of copies, on the way back. Without it, all at once.
        wait_interval: How long alarms are watched after each batch, 0 seconds to 1 hour.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    maximum_batch_size: CopyBatch
    alarms: Sequence[cloudwatch.IAlarm] = ()
    maximum_execution_timeout: cdk.Duration | None = None
    rollback_maximum_batch_size: CopyBatch | None = None
    wait_interval: cdk.Duration = _WAIT

    def __post_init__(self) -> None:
        problems = Problems("ComponentDeployment")
        self.maximum_batch_size.check(problems, "maximum_batch_size", _LEAST_PERCENT, _MOST_PERCENT)
        if self.rollback_maximum_batch_size is not None:
            self.rollback_maximum_batch_size.check(problems, "rollback_maximum_batch_size", 1, 100)
        problems.between("alarms", len(self.alarms), 0, _MOST_ALARMS, "alarms")
        problems.duration("wait_interval", self.wait_interval, 0, _LONGEST_WAIT)
        problems.duration(
            "maximum_execution_timeout", self.maximum_execution_timeout, _SHORTEST_TIMEOUT, _LONGEST_TIMEOUT
        )
        problems.raise_if_any()

    def render(self) -> sagemaker.CfnInferenceComponent.InferenceComponentDeploymentConfigProperty:
        """Describe it to CloudFormation."""
        back = self.rollback_maximum_batch_size
        alarms = [sagemaker.CfnInferenceComponent.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in self.alarms]
        return sagemaker.CfnInferenceComponent.InferenceComponentDeploymentConfigProperty(
            auto_rollback_configuration=sagemaker.CfnInferenceComponent.AutoRollbackConfigurationProperty(alarms=alarms)
            if alarms
            else None,
            rolling_update_policy=sagemaker.CfnInferenceComponent.InferenceComponentRollingUpdatePolicyProperty(
                maximum_batch_size=self.maximum_batch_size.render(),
                maximum_execution_timeout_in_seconds=to_seconds(self.maximum_execution_timeout),
                rollback_maximum_batch_size=None if back is None else back.render(),
                wait_interval_in_seconds=to_seconds(self.wait_interval),
            ),
        )
