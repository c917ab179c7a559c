"""A dashboard for the person on call: is it answering, how fast, is there room, what does the log say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from sagemaker_hosting.metrics import InvocationHttpResponseCode
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sagemaker_hosting.endpoint import Endpoint
    from sagemaker_hosting.endpoint_alarms import EndpointAlarms
    from sagemaker_hosting.endpoint_variant import (
        EndpointInstanceProductionVariant,
        EndpointServerlessProductionVariant,
    )
    from sagemaker_hosting.metrics import VariantMetrics

_PERIOD = cdk.Duration.minutes(1)
_WIDTH = 24
_GPU_FAMILIES = ("ml.g", "ml.p")
_NAME_PATTERN = r"[a-zA-Z0-9_-]{1,255}"
_NAME_ALLOWED = "1 to 255 letters, digits, hyphens and underscores"


class EndpointDashboard(Construct):
    """Graphs of an endpoint's variants, the state of its alarms, and the failures in its log.

    From top to bottom: alarms, requests and failures, latency, the queue of an asynchronous endpoint, use of the
    instances or of the concurrency, the latest errors in the containers' log.

    Attributes:
        dashboard: The dashboard, for further widgets.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint: Endpoint,
        alarms: EndpointAlarms | None = None,
        dashboard_name: str | None = None,
    ) -> None:
        """Draw the variants that the endpoint has now.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint: What is drawn.
            alarms: Whose state stands at the top. Without it, none does.
            dashboard_name: Name in the account, 1 to 255 letters, digits, hyphens and underscores. Without it,
                CloudFormation makes one.

        Raises:
            ValidationError: If the name is not valid, or the variants are not known, since the configuration was
                imported.
        """
        super().__init__(scope, id)
        instances, serverless = endpoint.instance_production_variants, endpoint.serverless_production_variants
        problems = Problems(lambda: f"EndpointDashboard '{self.node.path}'")
        problems.matches("dashboard_name", dashboard_name, _NAME_PATTERN, _NAME_ALLOWED)
        problems.check(
            bool(instances or serverless), "endpoint must have variants that are known here, got none to draw"
        )
        problems.raise_if_any()
        variants = [*instances, *serverless]
        rows = [
            [] if alarms is None else _states(alarms),
            _requests(variants),
            _latency(variants),
            _queue(endpoint, instances) if any(variant.has_queue for variant in instances) else [],
            _instances(instances) if instances else [],
            _concurrency(serverless) if serverless else [],
            [_errors_in_log(endpoint)],
        ]
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=dashboard_name,
            default_interval=cdk.Duration.hours(3),
            period_override=cloudwatch.PeriodOverride.INHERIT,
            widgets=[row for row in rows if row],
        )


def _states(alarms: EndpointAlarms) -> list[cloudwatch.IWidget]:
    return [cloudwatch.AlarmStatusWidget(alarms=list(alarms.alarms), title="Alarms", height=3, width=_WIDTH)]


def _requests(variants: Sequence[VariantMetrics]) -> list[cloudwatch.IWidget]:
    failures = InvocationHttpResponseCode
    return [
        _graph("Requests per minute", [_of(variant, variant.metric_invocations) for variant in variants], parts=2),
        _graph(
            "Failed requests per minute",
            [
                variant.metric_invocation_response_code(
                    code, period=_PERIOD, label=f"{variant.variant_name} {short}", color=color
                )
                for variant in variants
                for code, short, color in (
                    (failures.INVOCATION_5XX_ERRORS, "5xx", cloudwatch.Color.RED),
                    (failures.INVOCATION_4XX_ERRORS, "4xx", cloudwatch.Color.ORANGE),
                )
            ],
            parts=2,
        ),
    ]


def _latency(variants: Sequence[VariantMetrics]) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "Latency of the model",
            [
                variant.metric_model_latency(
                    period=_PERIOD, statistic=statistic, label=f"{variant.variant_name} {statistic}"
                )
                for variant in variants
                for statistic in ("p50", "p90", "p99")
            ],
            parts=2,
            unit="microseconds",
        ),
        _graph(
            "Latency that SageMaker adds",
            [
                variant.metric_overhead_latency(period=_PERIOD, statistic="p99", label=f"{variant.variant_name} p99")
                for variant in variants
            ],
            parts=2,
            unit="microseconds",
        ),
    ]


def _queue(endpoint: Endpoint, variants: Sequence[EndpointInstanceProductionVariant]) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "Requests that wait",
            [
                endpoint.metric_approximate_backlog_size(period=_PERIOD, label="waiting or being answered"),
                endpoint.metric_has_backlog_without_capacity(period=_PERIOD, label="no instance for them (1)"),
            ],
            parts=3,
        ),
        _graph(
            "Age of the oldest request",
            [endpoint.metric_approximate_age_of_oldest_request(period=_PERIOD, statistic="Maximum", label="oldest")],
            parts=3,
            unit="seconds",
        ),
        _graph(
            "Failed asynchronous requests per minute",
            [_of(variant, variant.metric_invocation_failures) for variant in variants],
            parts=3,
        ),
    ]


def _instances(variants: Sequence[EndpointInstanceProductionVariant]) -> list[cloudwatch.IWidget]:
    with_gpu = [
        each for each in variants if any(one.to_string().startswith(_GPU_FAMILIES) for one in each.instance_types)
    ]
    parts = 4 if with_gpu else 3
    graphs: list[cloudwatch.IWidget] = [
        _graph("CPU, 100 for each", [_of(each, each.metric_cpu_utilization) for each in variants], parts, "percent"),
        _graph("Memory", [_of(each, each.metric_memory_utilization) for each in variants], parts, "percent"),
        _graph("Disk", [_of(each, each.metric_disk_utilization) for each in variants], parts, "percent"),
    ]
    if with_gpu:
        used = [
            metric(period=_PERIOD, label=f"{each.variant_name} {what}")
            for each in with_gpu
            for metric, what in ((each.metric_gpu_utilization, "GPU"), (each.metric_gpu_memory_utilization, "memory"))
        ]
        graphs.append(_graph("GPU and its memory, 100 for each", used, parts, "percent"))
    return graphs


def _concurrency(variants: Sequence[EndpointServerlessProductionVariant]) -> list[cloudwatch.IWidget]:
    used = [
        metric(period=_PERIOD, label=f"{each.variant_name} {what}")
        for each in variants
        for metric, what in (
            (each.metric_concurrent_executions_utilization, "of max_concurrency"),
            (each.metric_provisioned_concurrency_utilization, "of provisioned_concurrency"),
        )
    ]
    return [
        _graph("Concurrency in use, 0 to 1", used, parts=2),
        _graph(
            "Starting a model where none was ready",
            [_of(each, each.metric_model_setup_time) for each in variants],
            parts=2,
            unit="microseconds",
        ),
    ]


def _errors_in_log(endpoint: Endpoint) -> cloudwatch.IWidget:
    return cloudwatch.LogQueryWidget(
        title="Latest errors in the containers' log",
        log_group_names=[f"/aws/sagemaker/Endpoints/{endpoint.endpoint_name}"],
        query_lines=[
            "fields @timestamp, @logStream, @message",
            "filter @message like /(?i)(error|exception|traceback)/",
            "sort @timestamp desc",
            "limit 50",
        ],
        width=_WIDTH,
        height=8,
    )


def _of(variant: VariantMetrics, metric: Callable[..., cloudwatch.Metric]) -> cloudwatch.Metric:
    return metric(period=_PERIOD, label=variant.variant_name)


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], parts: int, unit: str | None = None
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(metrics),
        left_y_axis=cloudwatch.YAxisProps(min=0, label=unit, show_units=unit is None),
        width=_WIDTH // parts,
    )
