"""CloudWatch metrics of endpoints and their variants.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from __future__ import annotations

import abc
import enum
from typing import TYPE_CHECKING, Protocol, TypedDict

from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    import aws_cdk as cdk

INVOCATIONS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"

_SUM = "Sum"
_AVERAGE = "Average"
_MAXIMUM = "Maximum"


class InvocationHttpResponseCode(enum.Enum):
    """Kinds of failed invocations; the value is the name of the metric."""

    INVOCATION_4XX_ERRORS = "Invocation4XXErrors"
    """The request was wrong."""
    INVOCATION_5XX_ERRORS = "Invocation5XXErrors"
    """The model failed."""


class MetricOptions(TypedDict, total=False):
    """What every ``metric_...`` method takes; ``aws_cloudwatch.Metric`` describes the arguments.

    ``dimensions_map`` is added to the dimensions of the metric. Without ``period``, it is 5 minutes.
    """

    account: str
    color: str
    dimensions_map: Mapping[str, str]
    id: str
    label: str
    period: cdk.Duration
    region: str
    stack_account: str
    stack_region: str
    statistic: str
    unit: cloudwatch.Unit
    visible: bool


def create_metric(
    namespace: str, name: str, statistic: str, dimensions: Mapping[str, str], options: MetricOptions
) -> cloudwatch.Metric:
    """Create a metric.

    Args:
        namespace: Its namespace.
        name: Its name.
        statistic: Used unless the options have one.
        dimensions: What it is measured of.
        options: What the user wants otherwise.
    """
    given: MetricOptions = {"statistic": statistic, **options}
    given["dimensions_map"] = {**dimensions, **options.get("dimensions_map", {})}
    return cloudwatch.Metric(namespace=namespace, metric_name=name, **given)


class MeasuredEndpoint(Protocol):
    """What metrics know of an endpoint."""

    @property
    def measured_name(self) -> str:
        """Name of the endpoint, as metrics have it."""


class InvocationMetrics(abc.ABC):
    """The metrics that whatever answers requests has: a variant, a container, an inference component."""

    def metric_invocations(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of requests: a sum, no unit. Asynchronous endpoints do not publish it."""
        return self._create(INVOCATIONS, "Invocations", _SUM, options)

    def metric_invocation_response_code(
        self, response_code: InvocationHttpResponseCode, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """Return the number of requests that failed in one way: a sum, no unit.

        Args:
            response_code: In which way.
            options: See ``MetricOptions``.
        """
        return self._create(INVOCATIONS, response_code.value, _SUM, options)

    def metric_overhead_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long SageMaker took around the container: an average, in microseconds."""
        return self._create(INVOCATIONS, "OverheadLatency", _AVERAGE, options)

    @abc.abstractmethod
    def _create(self, namespace: str, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        """Create a metric of what is measured."""


class VariantMetrics(InvocationMetrics):
    """The metrics that variants of every kind have."""

    def __init__(self, *, endpoint: MeasuredEndpoint, variant_name: str) -> None:
        """Measure one variant.

        Args:
            endpoint: Its endpoint.
            variant_name: Its name.
        """
        self._measured = endpoint
        self._variant_name = variant_name

    @property
    def variant_name(self) -> str:
        """Name of the variant."""
        return self._variant_name

    @property
    def _dimensions(self) -> dict[str, str]:
        return {"EndpointName": self._measured.measured_name, "VariantName": self._variant_name}

    def metric(self, namespace: str, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return any metric of the variant; the sum unless the options say otherwise.

        Args:
            namespace: ``AWS/SageMaker`` for invocations, ``/aws/sagemaker/Endpoints`` for instances.
            metric_name: Name of the metric.
            options: See ``MetricOptions``.
        """
        return self._create(namespace, metric_name, _SUM, options)

    def metric_model_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long the containers took for an answer: an average, in microseconds."""
        return self._invocations("ModelLatency", _AVERAGE, options)

    def metric_memory_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the memory that the containers use: an average, 0 to 100 percent."""
        return self._instances("MemoryUtilization", options)

    def _create(self, namespace: str, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        return create_metric(namespace, name, statistic, self._dimensions, options)

    def _invocations(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        return self._create(INVOCATIONS, name, statistic, options)

    def _instances(self, name: str, options: MetricOptions) -> cloudwatch.Metric:
        return self._create(INSTANCES, name, _AVERAGE, options)


class InstanceVariantMetrics(VariantMetrics):
    """The metrics that a variant on instances has besides."""

    def metric_invocations_per_instance(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the requests divided by the instances: a sum, no unit. Asynchronous endpoints do not publish it."""
        return self._invocations("InvocationsPerInstance", _SUM, options)

    def metric_concurrent_requests_per_model(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the requests that are answered or wait at the same time: a maximum, no unit."""
        return self._invocations("ConcurrentRequestsPerModel", _MAXIMUM, options)

    def metric_cpu_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the processors' use: an average, 0 to 100 percent times the number of processors."""
        return self._instances("CPUUtilization", options)

    def metric_disk_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the disks' use: an average, 0 to 100 percent."""
        return self._instances("DiskUtilization", options)

    def metric_gpu_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the GPUs' use: an average, 0 to 100 percent times the number of GPUs."""
        return self._instances("GPUUtilization", options)

    def metric_gpu_memory_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the use of the GPUs' memory: an average, 0 to 100 percent times the number of GPUs."""
        return self._instances("GPUMemoryUtilization", options)

    def metric_time_in_backlog(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long asynchronous requests waited: an average, in milliseconds."""
        return self._invocations("TimeInBacklog", _AVERAGE, options)

    def metric_invocation_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of asynchronous requests that failed: a sum, no unit."""
        return self._invocations("InvocationFailures", _SUM, options)


class ServerlessVariantMetrics(VariantMetrics):
    """The metrics that a serverless variant has besides.

    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
    """

    def metric_model_setup_time(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long starting the model took where none was ready: an average, in microseconds."""
        return self._invocations("ModelSetupTime", _AVERAGE, options)

    def metric_concurrent_executions_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the share of ``max_concurrency`` that is used: a maximum, 0 to 1."""
        return self._invocations("ServerlessConcurrentExecutionsUtilization", _MAXIMUM, options)

    def metric_provisioned_concurrency_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the share of ``provisioned_concurrency`` that is used: a maximum, 0 to 1."""
        return self._invocations("ServerlessProvisionedConcurrencyUtilization", _MAXIMUM, options)
