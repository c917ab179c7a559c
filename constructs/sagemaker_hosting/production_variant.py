"""What serves a share of an endpoint's requests on instances."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    from sagemaker_hosting.core_dump import CoreDump
    from sagemaker_hosting.data_policy import DataPolicy
    from sagemaker_hosting.managed_instance_scaling import ManagedInstanceScaling
    from sagemaker_hosting.model import IModel

_SMALLEST_VOLUME = 1
_LARGEST_VOLUME = 512


class RoutingStrategy(enum.Enum):
    """Which instance of a variant gets a request."""

    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"
    """The one with the most capacity to spare."""
    RANDOM = "RANDOM"
    """Any."""


@dataclass(frozen=True, kw_only=True)
class InstanceProductionVariantProps:
    """A model on instances of one type.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html

    Args:
        model: The model to host.
        variant_name: Name that is unique in the endpoint; 1 to 63 letters, digits and hyphens.
        container_startup_health_check_timeout: How long a container may take from its start until it passes the health
            check, 60 seconds to 1 hour. Without it, SageMaker's own limit holds.
        core_dump: Where the core dump of a crashed container goes. Without it, there is none.
        enable_ssm_access: Whether AWS Systems Manager may open sessions on the instances. Without it, it may not.
        inference_ami_version: Name of the machine image, which decides the GPU driver, such as
            ``al2-ami-sagemaker-inference-gpu-3-1``. Without it, SageMaker chooses.
        initial_instance_count: Instances to begin with, at least 1.
        initial_variant_weight: Share of the requests, relative to the weights of the other variants; at least 0. A
            variant of weight 0 gets no requests but those that name it.
        instance_type: Type of the instances.
        managed_instance_scaling: The range in which SageMaker itself chooses the number of instances, for endpoints
            with inference components. Without it, the number changes only by updates and autoscaling.
        model_data_download_timeout: How long fetching and extracting the model data may take on one instance, 60
            seconds to 1 hour. Without it, SageMaker's own limit holds.
        routing_strategy: Which instance gets a request. Without it, SageMaker chooses at random.
        volume_size: Storage of one instance, 1 to 512 GiB. Without it, the instance type decides. Types with local
            disks (a ``d`` behind the generation, as in ``ml.g4dn.xlarge``) have no volume whose size could be chosen.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    model: IModel
    variant_name: str
    container_startup_health_check_timeout: cdk.Duration | None = None
    core_dump: CoreDump | None = None
    enable_ssm_access: bool | None = None
    inference_ami_version: str | None = None
    initial_instance_count: int = 1
    initial_variant_weight: float = 1.0
    instance_type: InstanceType = InstanceType.T2_MEDIUM
    managed_instance_scaling: ManagedInstanceScaling | None = None
    model_data_download_timeout: cdk.Duration | None = None
    routing_strategy: RoutingStrategy | None = None
    volume_size: cdk.Size | None = None

    def __post_init__(self) -> None:
        problems = Problems(f"Production variant {self.variant_name!r}")
        problems.matches("variant_name", self.variant_name, NAME_PATTERN, NAME_ALLOWED)
        problems.duration(
            "container_startup_health_check_timeout", self.container_startup_health_check_timeout, 60, 3600
        )
        problems.between("initial_instance_count", self.initial_instance_count, 1, None, "instances")
        problems.between("initial_variant_weight", self.initial_variant_weight, 0, None, "as a relative weight")
        problems.duration("model_data_download_timeout", self.model_data_download_timeout, 60, 3600)
        self._check_volume(problems)
        architecture = self.model.architecture
        if architecture is not None and architecture is not self.instance_type.architecture:
            problems.add(
                f"instance_type {self.instance_type} runs {self.instance_type.architecture.value} images, but the "
                f"model's image is built for {architecture.value}: give the model "
                f"image_architecture=Architecture.{self.instance_type.architecture.name}, or choose another type; an "
                "endpoint with variants of both kinds needs one model for each, both of the same image and model data"
            )
        problems.raise_if_any()

    def _check_volume(self, problems: Problems) -> None:
        if self.volume_size is None:
            return
        if not self.volume_size.is_unresolved():
            problems.between("volume_size", self.volume_size.to_gibibytes(), _SMALLEST_VOLUME, _LARGEST_VOLUME, "GiB")
        problems.check(
            not self.instance_type.has_local_disks,
            f"volume_size must not be given for {self.instance_type}, whose local disks are its storage",
        )

    def bind(self, policy: Callable[[], DataPolicy]) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """Grant what the variant needs, and describe it to CloudFormation.

        Args:
            policy: Yields the policy of the endpoint configuration; called only if there is something to grant.
        """
        scaling = self.managed_instance_scaling
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.variant_name,
            model_name=self.model.model_name,
            core_dump_config=None if self.core_dump is None else self.core_dump.bind(policy()),
            enable_ssm_access=self.enable_ssm_access,
            inference_ami_version=self.inference_ami_version,
            initial_instance_count=self.initial_instance_count,
            initial_variant_weight=self.initial_variant_weight,
            instance_type=self.instance_type.to_string(),
            container_startup_health_check_timeout_in_seconds=to_seconds(self.container_startup_health_check_timeout),
            managed_instance_scaling=None
            if scaling is None
            else sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty(
                max_instance_count=scaling.max_instance_count,
                min_instance_count=scaling.min_instance_count,
                status="ENABLED",
            ),
            model_data_download_timeout_in_seconds=to_seconds(self.model_data_download_timeout),
            routing_config=None
            if self.routing_strategy is None
            else sagemaker.CfnEndpointConfig.RoutingConfigProperty(routing_strategy=self.routing_strategy.value),
            volume_size_in_gb=None if self.volume_size is None else self.volume_size.to_gibibytes(),
        )
