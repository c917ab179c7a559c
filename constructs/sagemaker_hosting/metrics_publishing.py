"""Which metrics an endpoint publishes, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk

_SECONDS = (10, 30, 60, 120, 180, 240, 300)


@dataclass(frozen=True, kw_only=True)
class MetricsPublishing:
    """Asks SageMaker for more metrics, or for metrics more often, than it publishes by itself.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html

    Args:
        detailed_observability: Whether there are metrics of GPUs, hosts and containers, those of the container's
            ``/metrics`` among them. Without it, SageMaker decides.
        enhanced_metrics: Whether metrics exist for each instance and each copy of an inference component, too. Without
            it, they do not.
        frequency: Time between two points: 10, 30, 60, 120, 180, 240 or 300 seconds. Without it, 60 seconds.

    Raises:
        ValidationError: If the time is none of these.
    """

    detailed_observability: bool | None = None
    enhanced_metrics: bool | None = None
    frequency: cdk.Duration | None = None

    def __post_init__(self) -> None:
        problems = Problems("MetricsPublishing")
        check_frequency(problems, self.frequency)
        problems.raise_if_any()

    def render(self) -> sagemaker.CfnEndpointConfig.MetricsConfigProperty:
        """Describe it to CloudFormation."""
        return sagemaker.CfnEndpointConfig.MetricsConfigProperty(
            enable_detailed_observability=self.detailed_observability,
            enable_enhanced_metrics=self.enhanced_metrics,
            metric_publish_frequency_in_seconds=to_seconds(self.frequency),
        )


def check_frequency(problems: Problems, frequency: cdk.Duration | None) -> None:
    """Record a time between two points of a metric that SageMaker does not offer.

    Args:
        problems: Where to record.
        frequency: The time, or ``None``.
    """
    if frequency is None or frequency.is_unresolved():
        return
    seconds = frequency.to_seconds()
    problems.check(
        seconds in _SECONDS, f"frequency must be one of {', '.join(map(str, _SECONDS))} seconds, got {seconds:g}"
    )
