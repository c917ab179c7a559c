"""Alarms that tell whether an endpoint's answers fail or come late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from sagemaker_hosting.metrics import InvocationHttpResponseCode
from sagemaker_hosting.stacks import path_below
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from sagemaker_hosting.endpoint import Endpoint
    from sagemaker_hosting.metrics import VariantMetrics

_PERIOD = cdk.Duration.minutes(1)
_LATE_PERIODS = 3
_LONGEST_LATENCY = 30_000
_MICROSECONDS = 1000


class EndpointAlarms(Construct):
    """For every variant: an alarm for failed answers and one for late answers. No requests are no alarm."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint: Endpoint,
        max_model_latency: cdk.Duration | None = None,
        max_server_errors: int = 0,
    ) -> None:
        """Watch the variants that the endpoint has now.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint: What is watched.
            max_model_latency: How long the containers may take for 99 of 100 answers, more than 0; an alarm follows
                when they took longer in each of 3 minutes. Without it, 30 seconds: half of what SageMaker waits for an
                answer that is not asynchronous.
                https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
            max_server_errors: How many answers of one minute may have a status of 500 or more; at least 0.

        Raises:
            ValidationError: If a value is outside these limits, or the variants are not known, since the configuration
                was imported.
        """
        super().__init__(scope, id)
        problems = Problems(lambda: f"EndpointAlarms '{self.node.path}'")
        problems.between("max_server_errors", max_server_errors, 0, None, "answers in a minute")
        latency = _LONGEST_LATENCY if max_model_latency is None else max_model_latency.to_milliseconds()
        problems.check(not is_token(latency), "max_model_latency must be known at synthesis, got a token")
        problems.check(is_token(latency) or latency > 0, "max_model_latency must be more than 0, got 0")
        self._alarms: list[cloudwatch.Alarm] = []
        self._path = path_below(scope, id)
        instances, serverless = endpoint.instance_production_variants, endpoint.serverless_production_variants
        problems.check(
            bool(instances or serverless), "endpoint must have variants that are known here, got none to watch"
        )
        problems.raise_if_any()
        for variant in instances:
            self._watch(variant.variant_name, variant, latency, max_server_errors)
        for each in serverless:
            self._watch(each.variant_name, each, latency, max_server_errors)

    @property
    def alarms(self) -> tuple[cloudwatch.Alarm, ...]:
        """The alarms, two for each variant."""
        return tuple(self._alarms)

    def add_alarm_action(self, *actions: cloudwatch.IAlarmAction) -> None:
        """Do something when an alarm goes off, such as sending a message.

        Args:
            actions: From ``aws_cloudwatch_actions``.

        Raises:
            ValidationError: If one is no action, but, for example, a topic.
        """
        problems = Problems(lambda: f"add_alarm_action of '{self.node.path}'")
        for action in actions:
            problems.check(
                hasattr(action, "bind"),
                "actions must be of aws_cloudwatch_actions, such as SnsAction(topic), got "
                f"{type(action).__module__}.{type(action).__name__}",
            )
        problems.raise_if_any()
        if actions:
            for alarm in self._alarms:
                alarm.add_alarm_action(*actions)

    def _watch(self, name: str, variant: VariantMetrics, latency: float, max_errors: int) -> None:
        scope = Construct(self, name)
        errors = variant.metric_invocation_response_code(
            InvocationHttpResponseCode.INVOCATION_5XX_ERRORS, period=_PERIOD
        )
        late = variant.metric_model_latency(period=_PERIOD, statistic="p99")
        for id_, metric, threshold, periods, what in (
            ("ServerErrors", errors, max_errors, 1, "answers with status 500 or more"),
            ("ModelLatency", late, latency * _MICROSECONDS, _LATE_PERIODS, "late answers"),
        ):
            self._alarms.append(
                cloudwatch.Alarm(
                    scope,
                    id_,
                    alarm_description=f"Variant {name} of {self._path}: {what}",
                    comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                    evaluation_periods=periods,
                    metric=metric,
                    threshold=threshold,
                    treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                )
            )
