"""The metrics that CloudWatch has of an endpoint as a whole: those of its queue."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from sagemaker_hosting.metrics import INVOCATIONS, MetricOptions, create_metric

if TYPE_CHECKING:
    from typing import Unpack

    from aws_cdk import aws_cloudwatch as cloudwatch


class EndpointMetrics(abc.ABC):
    """Only asynchronous endpoints publish them; all others are measured by variant.

    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    """

    @property
    @abc.abstractmethod
    def measured_name(self) -> str:
        """Name of the endpoint, as metrics have it."""

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return any metric of the endpoint in ``AWS/SageMaker``; the average unless the options say otherwise.

        Args:
            metric_name: Name of the metric.
            options: See ``MetricOptions``.
        """
        return create_metric(INVOCATIONS, metric_name, "Average", {"EndpointName": self.measured_name}, options)

    def metric_approximate_backlog_size(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of requests that wait or are being answered: an average, no unit."""
        return self.metric("ApproximateBacklogSize", **options)

    def metric_approximate_backlog_size_per_instance(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return that number divided by the instances, what asynchronous endpoints scale on: an average, no unit."""
        return self.metric("ApproximateBacklogSizePerInstance", **options)

    def metric_approximate_age_of_oldest_request(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how long the oldest request has been waiting: an average, in seconds."""
        return self.metric("ApproximateAgeOfOldestRequest", **options)

    def metric_has_backlog_without_capacity(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return 1 while requests wait and there is no instance, else 0: an average, no unit."""
        return self.metric("HasBacklogWithoutCapacity", **options)
