"""Which instance of a variant gets a request."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.limits import check_number
from sagemaker_hosting.validation import Problems


class RoutingStrategy(enum.Enum):
    """Which instance of a variant gets a request.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantRoutingConfig.html
    """

    KV_AWARE = "KV_AWARE"
    """One that holds the beginning of the prompt in its cache already."""
    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"
    """The one with the most capacity to spare."""
    PREFIX_AWARE = "PREFIX_AWARE"
    """The one that got the other requests with the same beginning; ``PrefixAwareRouting`` says what that is."""
    RANDOM = "RANDOM"
    """Any."""


@dataclass(frozen=True, kw_only=True)
class PrefixAwareRouting:
    """Keeps requests that begin alike on one instance, whose cache then knows that beginning.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PrefixAwareRoutingConfig.html

    Args:
        concurrency_threshold: Requests that an instance, or a copy of an inference component, works on when the next
            one goes elsewhere, 1 to 1024.
        prefix_length: How much of a request is compared: 1024 to 65536 bytes of its body, or characters of its
            messages.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    concurrency_threshold: int
    prefix_length: int

    def __post_init__(self) -> None:
        problems = Problems("PrefixAwareRouting")
        shape = "EndpointConfig.PrefixAwareRoutingConfig"
        check_number(
            problems,
            "concurrency_threshold",
            self.concurrency_threshold,
            f"{shape}.ConcurrencyThreshold",
            "requests",
        )
        check_number(problems, "prefix_length", self.prefix_length, f"{shape}.PrefixLength", "bytes")
        problems.raise_if_any()

    def render(self) -> sagemaker.CfnEndpointConfig.PrefixAwareRoutingConfigProperty:
        """Describe it to CloudFormation."""
        return sagemaker.CfnEndpointConfig.PrefixAwareRoutingConfigProperty(
            concurrency_threshold=self.concurrency_threshold, prefix_length=self.prefix_length
        )
