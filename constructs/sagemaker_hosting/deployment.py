"""How an update of an endpoint reaches its callers."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.rollback_alarms import RollbackAlarms
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from sagemaker_hosting.capacity_size import CapacitySize
    from sagemaker_hosting.endpoint import Endpoint

_LONGEST_WAIT = 3600
_SHORTEST_TIMEOUT = 600
_LONGEST_TIMEOUT = 28800
_MOST_PERCENT = 50
_WAIT = cdk.Duration.minutes(5)


class Deployment(abc.ABC):
    """Blue/green (a second fleet takes over) or rolling (instances are exchanged a few at a time).

    While it goes on, SageMaker watches the alarms; if one goes off, callers get the old answers again and the update of
    the stack fails. Without ``rollback_alarms``, the endpoint's own failures and delays are watched.
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html

    Every way takes ``wait_interval``, how long alarms are watched after each step, 0 seconds to 1 hour (without it, 5
    minutes), and ``maximum_execution_timeout``, after which the deployment is taken back, 10 minutes to 8 hours and
    longer than the waiting (without it, SageMaker's own limit holds). The blue/green ways take ``termination_wait``,
    how long the old fleet is kept after success, 0 seconds to 1 hour (without it, it is not).
    """

    @staticmethod
    def blue_green_all_at_once(
        *,
        maximum_execution_timeout: cdk.Duration | None = None,
        rollback_alarms: RollbackAlarms | None = None,
        termination_wait: cdk.Duration | None = None,
        wait_interval: cdk.Duration = _WAIT,
    ) -> Deployment:
        """Move all requests to the new fleet in one step.

        Args:
            maximum_execution_timeout: See the class.
            rollback_alarms: See the class.
            termination_wait: See the class.
            wait_interval: See the class.

        Raises:
            ValidationError: If a duration is outside its limits.
        """
        return _BlueGreen("ALL_AT_ONCE", maximum_execution_timeout, rollback_alarms, termination_wait, wait_interval)

    @staticmethod
    def blue_green_canary(
        *,
        canary_size: CapacitySize,
        maximum_execution_timeout: cdk.Duration | None = None,
        rollback_alarms: RollbackAlarms | None = None,
        termination_wait: cdk.Duration | None = None,
        wait_interval: cdk.Duration = _WAIT,
    ) -> Deployment:
        """Move a few requests to the new fleet, wait, and then move the others.

        Args:
            canary_size: How many are a few: 1 to 50 percent, or a number of instances.
            maximum_execution_timeout: See the class.
            rollback_alarms: See the class.
            termination_wait: See the class.
            wait_interval: See the class.

        Raises:
            ValidationError: If a size or duration is outside its limits.
        """
        return _Canary(
            "CANARY", maximum_execution_timeout, rollback_alarms, termination_wait, wait_interval, canary_size
        )

    @staticmethod
    def blue_green_linear(
        *,
        step_size: CapacitySize,
        maximum_execution_timeout: cdk.Duration | None = None,
        rollback_alarms: RollbackAlarms | None = None,
        termination_wait: cdk.Duration | None = None,
        wait_interval: cdk.Duration = _WAIT,
    ) -> Deployment:
        """Move requests to the new fleet in equal steps, waiting after each.

        Args:
            step_size: 10 to 50 percent, or a number of instances.
            maximum_execution_timeout: See the class.
            rollback_alarms: See the class.
            termination_wait: See the class.
            wait_interval: See the class.

        Raises:
            ValidationError: If a size or duration is outside its limits.
        """
        return _Linear("LINEAR", maximum_execution_timeout, rollback_alarms, termination_wait, wait_interval, step_size)

    @staticmethod
    def rolling(
        *,
        maximum_batch_size: CapacitySize,
        maximum_execution_timeout: cdk.Duration | None = None,
        rollback_alarms: RollbackAlarms | None = None,
        rollback_maximum_batch_size: CapacitySize | None = None,
        wait_interval: cdk.Duration = _WAIT,
    ) -> Deployment:
        """Exchange the instances a batch at a time, without a second fleet. For endpoints with one instance variant.

        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html

        Args:
            maximum_batch_size: 5 to 50 percent, or a number of instances.
            maximum_execution_timeout: See the class.
            rollback_alarms: See the class.
            rollback_maximum_batch_size: 1 to 100 percent, or a number of instances, on the way back. Without it, all at
                once.
            wait_interval: See the class.

        Raises:
            ValidationError: If a size or duration is outside its limits.
        """
        return _Rolling(
            maximum_batch_size, maximum_execution_timeout, rollback_alarms, rollback_maximum_batch_size, wait_interval
        )

    @abc.abstractmethod
    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
        """Make the alarms that have to be made, and describe the way to CloudFormation.

        Args:
            endpoint: The endpoint that is deployed; it is not a resource yet.

        Raises:
            ValidationError: If its variants cannot be deployed that way.
        """


@dataclass(frozen=True)
class _BlueGreen(Deployment):
    kind: str
    timeout: cdk.Duration | None
    alarms: RollbackAlarms | None
    termination_wait: cdk.Duration | None
    wait: cdk.Duration

    def __post_init__(self) -> None:
        problems = Problems("Deployment")
        _check_times(problems, self.timeout, self.wait, self.termination_wait)
        self._check(problems)
        problems.raise_if_any()

    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
        return sagemaker.CfnEndpoint.DeploymentConfigProperty(
            auto_rollback_configuration=_alarms(self.alarms).bind(endpoint),
            blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
                maximum_execution_timeout_in_seconds=to_seconds(self.timeout),
                termination_wait_in_seconds=to_seconds(self.termination_wait),
                traffic_routing_configuration=self._routing(),
            ),
        )

    def _check(self, problems: Problems) -> None:
        """Check what only one kind has."""

    def _routing(self) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type=self.kind, wait_interval_in_seconds=to_seconds(self.wait)
        )


@dataclass(frozen=True)
class _Canary(_BlueGreen):
    size: CapacitySize

    def _check(self, problems: Problems) -> None:
        self.size.check(problems, "canary_size", 1, _MOST_PERCENT)

    def _routing(self) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type=self.kind, wait_interval_in_seconds=to_seconds(self.wait), canary_size=self.size.render()
        )


@dataclass(frozen=True)
class _Linear(_BlueGreen):
    size: CapacitySize

    def _check(self, problems: Problems) -> None:
        self.size.check(problems, "step_size", 10, _MOST_PERCENT)

    def _routing(self) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type=self.kind, wait_interval_in_seconds=to_seconds(self.wait), linear_step_size=self.size.render()
        )


@dataclass(frozen=True)
class _Rolling(Deployment):
    batch: CapacitySize
    timeout: cdk.Duration | None
    alarms: RollbackAlarms | None
    rollback_batch: CapacitySize | None
    wait: cdk.Duration

    def __post_init__(self) -> None:
        problems = Problems("Deployment.rolling")
        _check_times(problems, self.timeout, self.wait, None)
        self.batch.check(problems, "maximum_batch_size", 5, _MOST_PERCENT)
        if self.rollback_batch is not None:
            self.rollback_batch.check(problems, "rollback_maximum_batch_size", 1, 100)
        problems.raise_if_any()

    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
        problems = Problems(lambda: f"Endpoint '{endpoint.node.path}'")
        count = len(endpoint.instance_production_variants)
        problems.check(count <= 1, f"deployment must not be rolling for several variants, got {count}")
        problems.check(
            not endpoint.serverless_production_variants,
            "deployment must not be rolling for a serverless variant: it has no instances to exchange",
        )
        problems.raise_if_any()
        return sagemaker.CfnEndpoint.DeploymentConfigProperty(
            auto_rollback_configuration=_alarms(self.alarms).bind(endpoint),
            rolling_update_policy=sagemaker.CfnEndpoint.RollingUpdatePolicyProperty(
                maximum_batch_size=self.batch.render(),
                maximum_execution_timeout_in_seconds=to_seconds(self.timeout),
                rollback_maximum_batch_size=None if self.rollback_batch is None else self.rollback_batch.render(),
                wait_interval_in_seconds=self.wait.to_seconds(),
            ),
        )


def _alarms(given: RollbackAlarms | None) -> RollbackAlarms:
    return RollbackAlarms.of_endpoint() if given is None else given


def _check_times(
    problems: Problems, timeout: cdk.Duration | None, wait: cdk.Duration, termination_wait: cdk.Duration | None
) -> None:
    problems.duration("wait_interval", wait, 0, _LONGEST_WAIT)
    problems.duration("termination_wait", termination_wait, 0, _LONGEST_WAIT)
    problems.duration("maximum_execution_timeout", timeout, _SHORTEST_TIMEOUT, _LONGEST_TIMEOUT)
    waits = [wait] if termination_wait is None else [wait, termination_wait]
    if timeout is None or any(duration.is_unresolved() for duration in (timeout, *waits)):
        return
    waiting = sum(duration.to_seconds() for duration in waits)
    problems.check(
        timeout.to_seconds() > waiting,
        f"maximum_execution_timeout must be longer than wait_interval and termination_wait together ({waiting} "
        f"seconds), got {timeout.to_seconds()}",
    )
