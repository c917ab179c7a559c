"""Which alarms take a deployment back."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.acknowledgement import acknowledge_in_packs
from sagemaker_hosting.endpoint_alarms import EndpointAlarms
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch

    from sagemaker_hosting.endpoint import Endpoint

_MOST_ALARMS = 10


class RollbackAlarms(abc.ABC):
    """Alarms that SageMaker watches while it updates an endpoint; if one goes off, the old fleet stays."""

    @staticmethod
    def of_endpoint(*, max_model_latency: cdk.Duration | None = None, max_server_errors: int = 0) -> RollbackAlarms:
        """Watch the answers of the endpoint itself; ``EndpointAlarms`` describes the arguments.

        The alarms are made before the endpoint, and they have to know its name: without ``endpoint_name`` it gets one
        that is made from the construct's path. To an endpoint that exists under another name, that is a replacement:
        there, watch alarms ``of`` metrics that name it, such as ``Endpoint.from_endpoint_name(...).metric(
        "Invocation5XXErrors", dimensions_map={"VariantName": "main"}, statistic="Sum")``, or watch nothing (``none``).

        Args:
            max_model_latency: How long the containers may take.
            max_server_errors: How many answers of one minute may be failures.
        """
        return _AlarmsOfEndpoint(max_model_latency, max_server_errors)

    @staticmethod
    def of(*alarms: cloudwatch.IAlarm) -> RollbackAlarms:
        """Watch alarms that exist.

        Args:
            alarms: 1 to 10 alarms. One that measures the endpoint must not take the endpoint's name from
                ``endpoint.endpoint_name``, since CloudFormation would have to make each before the other.

        Raises:
            ValidationError: If there are none or more than 10.
        """
        return _GivenAlarms(alarms)

    @staticmethod
    def none() -> RollbackAlarms:
        """Watch nothing: only an endpoint that does not start is taken back."""
        return _NoAlarms()

    @abc.abstractmethod
    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.AutoRollbackConfigProperty | None:
        """Make what has to be made, and describe it to CloudFormation.

        Args:
            endpoint: The endpoint that is deployed; it is not a resource yet.
        """


class _AlarmsOfEndpoint(RollbackAlarms):
    def __init__(self, max_model_latency: cdk.Duration | None, max_server_errors: int) -> None:
        self._max_model_latency = max_model_latency
        self._max_server_errors = max_server_errors

    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.AutoRollbackConfigProperty:
        endpoint.fix_name()
        made = EndpointAlarms(
            endpoint,
            "RollbackAlarms",
            endpoint=endpoint,
            max_model_latency=self._max_model_latency,
            max_server_errors=self._max_server_errors,
        )
        acknowledge_in_packs(
            made,
            "CloudWatchAlarmAction",
            "SageMaker watches these alarms while it updates the endpoint, and takes the update back; for people there "
            "are others.",
        )
        return _render(endpoint, made.alarms)


class _GivenAlarms(RollbackAlarms):
    def __init__(self, alarms: tuple[cloudwatch.IAlarm, ...]) -> None:
        _check(alarms)
        self._alarms = alarms

    def bind(self, endpoint: Endpoint) -> sagemaker.CfnEndpoint.AutoRollbackConfigProperty:
        return _render(endpoint, self._alarms)


class _NoAlarms(RollbackAlarms):
    def bind(self, endpoint: Endpoint) -> None:
        del endpoint


def _check(alarms: tuple[cloudwatch.IAlarm, ...]) -> None:
    problems = Problems("RollbackAlarms")
    problems.between("alarms", len(alarms), 1, _MOST_ALARMS, "alarms")
    problems.raise_if_any()


def _render(
    endpoint: Endpoint, alarms: tuple[cloudwatch.IAlarm, ...]
) -> sagemaker.CfnEndpoint.AutoRollbackConfigProperty:
    _check(alarms)
    endpoint.let_roles_see(alarms)
    return sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
        alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
    )
