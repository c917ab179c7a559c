"""CloudWatch metrics of one container among several that are invoked directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_hosting.metrics import (
    INSTANCES,
    INVOCATIONS,
    InvocationMetrics,
    MeasuredEndpoint,
    MetricOptions,
    create_metric,
)

if TYPE_CHECKING:
    from typing import Unpack

    from aws_cdk import aws_cloudwatch as cloudwatch


class ContainerMetrics(InvocationMetrics):
    """What SageMaker measures of each container of a model in direct mode.

    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-metrics.html
    """

    def __init__(self, *, endpoint: MeasuredEndpoint, variant_name: str, container_hostname: str) -> None:
        """Measure one container.

        Args:
            endpoint: Its endpoint.
            variant_name: Name of its variant.
            container_hostname: Its host name.
        """
        self._endpoint = endpoint
        self._variant_name = variant_name
        self._container_hostname = container_hostname

    def metric(self, namespace: str, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return any metric of the container; the sum unless the options say otherwise.

        Args:
            namespace: ``AWS/SageMaker`` for invocations, ``/aws/sagemaker/Endpoints`` for instances.
            metric_name: Name of the metric.
            options: See ``MetricOptions``.
        """
        return self._create(namespace, metric_name, "Sum", options)

    def metric_container_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long the container took for an answer: an average, in microseconds."""
        return self._create(INVOCATIONS, "ContainerLatency", "Average", options)

    def metric_cpu_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the processors' use: an average, 0 to 100 percent times the number of processors."""
        return self._create(INSTANCES, "CPUUtilization", "Average", options)

    def metric_memory_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the memory that the container uses: an average, 0 to 100 percent."""
        return self._create(INSTANCES, "MemoryUtilization", "Average", options)

    def _create(self, namespace: str, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        dimensions = {
            "EndpointName": self._endpoint.measured_name,
            "VariantName": self._variant_name,
            "ContainerName": self._container_hostname,
        }
        return create_metric(namespace, name, statistic, dimensions, options)
