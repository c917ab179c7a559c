"""CloudWatch metrics of an inference component."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from sagemaker_hosting.metrics import INVOCATIONS, InvocationMetrics, MetricOptions, create_metric

if TYPE_CHECKING:
    from typing import Unpack

    from aws_cdk import aws_cloudwatch as cloudwatch

COPIES = "/aws/sagemaker/InferenceComponents"


class ComponentMetrics(InvocationMetrics):
    """What SageMaker measures of all copies of a component together.

    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-inference-component
    """

    @property
    @abc.abstractmethod
    def inference_component_name(self) -> str:
        """Name of the component."""

    def metric(self, namespace: str, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return any metric of the component; the sum unless the options say otherwise.

        Args:
            namespace: ``AWS/SageMaker`` for invocations, ``/aws/sagemaker/InferenceComponents`` for its copies.
            metric_name: Name of the metric.
            options: See ``MetricOptions``.
        """
        return self._create(namespace, metric_name, "Sum", options)

    def metric_invocations_per_copy(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the requests divided by the copies: a sum, no unit."""
        return self._create(INVOCATIONS, "InvocationsPerCopy", "Sum", options)

    def metric_concurrent_requests_per_copy(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the requests that a copy answers or lets wait at the same time: a maximum, no unit."""
        return self._create(INVOCATIONS, "ConcurrentRequestsPerCopy", "Maximum", options)

    def metric_no_capacity_invocation_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of requests that failed since there was no copy: a sum, no unit.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        """
        return self._create(INVOCATIONS, "NoCapacityInvocationFailures", "Sum", options)

    def metric_model_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long the container took for an answer: an average, in microseconds."""
        return self._create(INVOCATIONS, "ModelLatency", "Average", options)

    def metric_cpu_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the use of the processors that a copy asked for: an average, 0 to 100 percent."""
        return self._create(COPIES, "CPUUtilizationNormalized", "Average", options)

    def metric_gpu_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the use of the GPUs that a copy asked for: an average, 0 to 100 percent."""
        return self._create(COPIES, "GPUUtilizationNormalized", "Average", options)

    def metric_gpu_memory_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the use of their memory: an average, 0 to 100 percent."""
        return self._create(COPIES, "GPUMemoryUtilizationNormalized", "Average", options)

    def metric_memory_utilization(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the use of the memory that a copy asked for: an average, in percent."""
        return self._create(COPIES, "MemoryUtilizationNormalized", "Average", options)

    def _create(self, namespace: str, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        dimensions = {"InferenceComponentName": self.inference_component_name}
        return create_metric(namespace, name, statistic, dimensions, options)
