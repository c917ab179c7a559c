"""What serves an endpoint's requests without instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from sagemaker_hosting.model import IModel

_STEP_IN_MB = 1024
_LEAST_MEMORY_IN_MB = 1024
_MOST_MEMORY_IN_MB = 6144
_MOST_CONCURRENCY = 200


@dataclass(frozen=True, kw_only=True)
class ServerlessProductionVariantProps:
    """A model that is started when requests come, and paid for while it answers them.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html

    Args:
        max_concurrency: Requests answered at the same time, 1 to 200; more are refused.
        memory_size_in_mb: Memory in MB: 1024, 2048, 3072, 4096, 5120 or 6144. Processors come in proportion.
        model: The model to host. Its image is for x86-64.
        variant_name: Name that is unique in the endpoint; 1 to 63 letters, digits and hyphens.
        initial_variant_weight: Share of the requests; at least 0.
        provisioned_concurrency: Requests that find a started model, 1 to ``max_concurrency``; paid for all the time.
            Without it, the first requests after a pause wait for a start.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    max_concurrency: int
    memory_size_in_mb: int
    model: IModel
    variant_name: str
    initial_variant_weight: float = 1.0
    provisioned_concurrency: int | None = None

    def __post_init__(self) -> None:
        problems = Problems(f"Serverless production variant {self.variant_name!r}")
        problems.matches("variant_name", self.variant_name, NAME_PATTERN, NAME_ALLOWED)
        problems.between("max_concurrency", self.max_concurrency, 1, _MOST_CONCURRENCY, "requests")
        problems.check(
            is_token(self.memory_size_in_mb)
            or self.memory_size_in_mb in range(_LEAST_MEMORY_IN_MB, _MOST_MEMORY_IN_MB + 1, _STEP_IN_MB),
            f"memory_size_in_mb must be {_LEAST_MEMORY_IN_MB} to {_MOST_MEMORY_IN_MB} MB in steps of {_STEP_IN_MB}, "
            f"got {self.memory_size_in_mb}",
        )
        problems.between("initial_variant_weight", self.initial_variant_weight, 0, None, "as a relative weight")
        most = _MOST_CONCURRENCY if is_token(self.max_concurrency) else self.max_concurrency
        problems.between("provisioned_concurrency", self.provisioned_concurrency, 1, most, "requests (max_concurrency)")
        problems.check(
            self.model.architecture is not Architecture.ARM_64,
            "model must have an image for amd64, which is what serverless endpoints run; it is built for arm64",
        )
        problems.raise_if_any()

    def bind(self) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """Give the model the form that serverless endpoints take, and describe the variant to CloudFormation.

        Raises:
            ValidationError: If the model's data has no such form.
        """
        self.model.use_model_data_url(serverless=True)
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.variant_name,
            model_name=self.model.model_name,
            initial_variant_weight=self.initial_variant_weight,
            serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                max_concurrency=self.max_concurrency,
                memory_size_in_mb=self.memory_size_in_mb,
                provisioned_concurrency=self.provisioned_concurrency,
            ),
        )
