"""What serves a share of an endpoint's requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    import aws_cdk as cdk

    from sagemaker_hosting.model import IModel


@dataclass(frozen=True, kw_only=True)
class InstanceProductionVariantProps:
    """A model on instances of one type.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html

    Args:
        model: The model to host.
        variant_name: Name that is unique in the endpoint; 1 to 63 letters, digits and hyphens.
        container_startup_health_check_timeout: How long a container may take from its start until it passes the health
            check, 60 seconds to 1 hour. Without it, SageMaker's own limit holds.
        initial_instance_count: Instances to begin with, at least 1.
        initial_variant_weight: Share of the requests, relative to the weights of the other variants; at least 0. A
            variant of weight 0 gets no requests but those that name it.
        instance_type: Type of the instances.
        model_data_download_timeout: How long fetching and extracting the model data may take on one instance, 60
            seconds to 1 hour. Without it, SageMaker's own limit holds.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    model: IModel
    variant_name: str
    container_startup_health_check_timeout: cdk.Duration | None = None
    initial_instance_count: int = 1
    initial_variant_weight: float = 1.0
    instance_type: InstanceType = InstanceType.T2_MEDIUM
    model_data_download_timeout: cdk.Duration | None = None

    def __post_init__(self) -> None:
        problems = Problems(f"Production variant {self.variant_name!r}")
        problems.matches("variant_name", self.variant_name, NAME_PATTERN, NAME_ALLOWED)
        problems.duration(
            "container_startup_health_check_timeout", self.container_startup_health_check_timeout, 60, 3600
        )
        problems.between("initial_instance_count", self.initial_instance_count, 1, None, "instances")
        problems.between("initial_variant_weight", self.initial_variant_weight, 0, None, "as a relative weight")
        problems.duration("model_data_download_timeout", self.model_data_download_timeout, 60, 3600)
        architecture = self.model.architecture
        if architecture is not None and architecture is not self.instance_type.architecture:
            problems.add(
                f"instance_type {self.instance_type} runs {self.instance_type.architecture.value} images, but the "
                f"model's image is built for {architecture.value}: give the model "
                f"image_architecture=Architecture.{self.instance_type.architecture.name}, or choose another type; an "
                "endpoint with variants of both kinds needs one model for each"
            )
        problems.raise_if_any()
