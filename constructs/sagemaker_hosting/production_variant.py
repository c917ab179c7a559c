"""What serves a share of an endpoint's requests on instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.limits import check_duration
from sagemaker_hosting.routing import RoutingStrategy
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import aws_iam as iam

    from sagemaker_hosting.core_dump import CoreDump
    from sagemaker_hosting.instance_pool import InstancePool
    from sagemaker_hosting.managed_instance_scaling import ManagedInstanceScaling
    from sagemaker_hosting.model import IModel
    from sagemaker_hosting.routing import PrefixAwareRouting

_SMALLEST_VOLUME = 1
_LARGEST_VOLUME = 512
_MOST_POOLS = 5
_RESERVATION = r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:[a-z0-9-]{1,14}/.*"


@dataclass(frozen=True, kw_only=True)
class InstanceProductionVariantProps:
    """A model on instances, or instances for inference components.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html

    Args:
        variant_name: Name that is unique in the endpoint; 1 to 63 letters, digits and hyphens.
        capacity_reservation_arn: ARN of a reservation of SageMaker, from which alone instances are launched. Without
            it, instances are launched as there are any.
        container_startup_health_check_timeout: How long a container may take from its start until it passes the health
            check, 60 seconds to 1 hour. Without it, SageMaker's own limit holds.
        core_dump: Where the core dump of a crashed container goes. Without it, there is none.
        enable_ssm_access: Whether AWS Systems Manager may open sessions on the instances. Without it, it may not.
        inference_ami_version: Name of the machine image, which decides the GPU driver, such as
            ``al2-ami-sagemaker-inference-gpu-3-1``. Without it, SageMaker chooses.
        initial_instance_count: Instances to begin with, at least 1.
        initial_variant_weight: Share of the requests, relative to the weights of the other variants; at least 0. A
            variant of weight 0 gets no requests but those that name it.
        instance_pools: 1 to 5 types of instances, the preferred one first. Excludes ``instance_type``.
        instance_type: Type of the instances. Without it, ``ml.t2.medium``, unless there are pools.
        managed_instance_scaling: The range in which SageMaker itself chooses the number of instances, for endpoints
            with inference components. Without it, the number changes only by updates and autoscaling.
        model: The model to host. Without it, the endpoint is for inference components, and its other variants have
            none, too.
        model_data_download_timeout: How long fetching and extracting the model data may take on one instance, 60
            seconds to 1 hour. Without it, SageMaker's own limit holds.
        prefix_aware_routing: What ``RoutingStrategy.PREFIX_AWARE`` needs to know.
        provision_timeout: How long SageMaker may look for instances, 5 minutes to 1 hour. Without it, its own limit
            holds.
        routing_strategy: Which instance gets a request. Without it, SageMaker chooses at random.
        volume_size: Storage of one instance, 1 to 512 GiB. Without it, the instance type decides. Types with local
            disks (a ``d`` behind the generation, as in ``ml.g4dn.xlarge``) have no volume whose size could be chosen.

    Raises:
        ValidationError: If a value is outside these limits, or the arguments exclude each other.
    """

    variant_name: str
    capacity_reservation_arn: str | None = None
    container_startup_health_check_timeout: cdk.Duration | None = None
    core_dump: CoreDump | None = None
    enable_ssm_access: bool | None = None
    inference_ami_version: str | None = None
    initial_instance_count: int = 1
    initial_variant_weight: float = 1.0
    instance_pools: Sequence[InstancePool] | None = None
    instance_type: InstanceType | None = None
    managed_instance_scaling: ManagedInstanceScaling | None = None
    model: IModel | None = None
    model_data_download_timeout: cdk.Duration | None = None
    prefix_aware_routing: PrefixAwareRouting | None = None
    provision_timeout: cdk.Duration | None = None
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
        problems.matches(
            "capacity_reservation_arn",
            self.capacity_reservation_arn,
            _RESERVATION,
            "the ARN of a reservation of SageMaker",
        )
        check_duration(
            problems,
            "provision_timeout",
            self.provision_timeout,
            "EndpointConfig.ProductionVariant.VariantInstanceProvisionTimeoutInSeconds",
        )
        self._check_pools(problems)
        self._check_routing(problems)
        self._check_scaling(problems)
        self._check_volume(problems)
        self._check_architecture(problems)
        problems.raise_if_any()

    @property
    def instance_types(self) -> tuple[InstanceType, ...]:
        """The types of the instances, the preferred one first."""
        if self.instance_pools is not None:
            return tuple(pool.instance_type for pool in self.instance_pools)
        return (InstanceType.T2_MEDIUM if self.instance_type is None else self.instance_type,)

    def _check_pools(self, problems: Problems) -> None:
        pools = self.instance_pools
        if pools is None:
            return
        problems.between("instance_pools", len(pools), 1, _MOST_POOLS, "pools")
        problems.check(
            self.instance_type is None,
            "instance_type must not be given together with instance_pools, each of which has one",
        )
        names = [pool.instance_type.to_string() for pool in pools]
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.add(f"instance_type must be unique among instance_pools, got {name!r} twice")
        problems.check(
            self.model is not None or all(pool.model is None for pool in pools),
            "model must be given for the variant, too, where it is given for one of its instance_pools",
        )

    def _check_routing(self, problems: Problems) -> None:
        problems.check(
            (self.routing_strategy is RoutingStrategy.PREFIX_AWARE) is (self.prefix_aware_routing is not None),
            "prefix_aware_routing must be given together with RoutingStrategy.PREFIX_AWARE, and only with it",
        )

    def _check_scaling(self, problems: Problems) -> None:
        scaling = self.managed_instance_scaling
        if scaling is None:
            return
        most, least = scaling.max_instance_count, scaling.min_instance_count
        problems.check(
            any(is_token(value) for value in (most, self.initial_instance_count))
            or self.initial_instance_count <= most,
            f"initial_instance_count must be at most max_instance_count of managed_instance_scaling ({most}), "
            f"got {self.initial_instance_count}",
        )
        problems.check(
            self.model is None or is_token(least) or least > 0,
            "min_instance_count of managed_instance_scaling must be at least 1 for a variant with a model, got 0: only "
            "instances for inference components scale to zero",
        )

    def _check_volume(self, problems: Problems) -> None:
        if self.volume_size is None:
            return
        if not self.volume_size.is_unresolved():
            problems.between("volume_size", self.volume_size.to_gibibytes(), _SMALLEST_VOLUME, _LARGEST_VOLUME, "GiB")
        for instance_type in self.instance_types:
            problems.check(
                not instance_type.has_local_disks,
                f"volume_size must not be given for {instance_type}, whose local disks are its storage",
            )

    def _check_architecture(self, problems: Problems) -> None:
        pools = self.instance_pools
        own = [self.model] * len(self.instance_types) if pools is None else [pool.model for pool in pools]
        for instance_type, other in zip(self.instance_types, own, strict=True):
            model = self.model if other is None else other
            architecture = None if model is None else model.architecture
            if architecture is not None and architecture is not instance_type.architecture:
                problems.add(
                    f"instance_type {instance_type} runs {instance_type.architecture.value} images, but the "
                    f"model's image is built for {architecture.value}: give the model "
                    f"image_architecture=Architecture.{instance_type.architecture.name}, or choose another type; an "
                    "endpoint with variants of both kinds needs one model for each, of the same image and model data"
                )

    def bind(self, policy: Callable[[], iam.Policy]) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """Grant what the variant needs, and describe it to CloudFormation.

        Args:
            policy: Yields the policy of the endpoint configuration; called only if there is something to grant.
        """
        scaling, pools, prefix = self.managed_instance_scaling, self.instance_pools, self.prefix_aware_routing
        reservation = self.capacity_reservation_arn
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=self.variant_name,
            model_name=None if self.model is None else self.model.model_name,
            capacity_reservation_config=None
            if reservation is None
            else sagemaker.CfnEndpointConfig.CapacityReservationConfigProperty(
                capacity_reservation_preference="capacity-reservations-only", ml_reservation_arn=reservation
            ),
            core_dump_config=None if self.core_dump is None else self.core_dump.bind(policy()),
            enable_ssm_access=self.enable_ssm_access,
            inference_ami_version=self.inference_ami_version,
            initial_instance_count=self.initial_instance_count,
            initial_variant_weight=self.initial_variant_weight,
            instance_pools=None
            if pools is None
            else [pool.render(priority) for priority, pool in enumerate(pools, start=1)],
            instance_type=self.instance_types[0].to_string() if pools is None else None,
            container_startup_health_check_timeout_in_seconds=to_seconds(self.container_startup_health_check_timeout),
            managed_instance_scaling=None if scaling is None else scaling.render(),
            model_data_download_timeout_in_seconds=to_seconds(self.model_data_download_timeout),
            routing_config=None
            if self.routing_strategy is None
            else sagemaker.CfnEndpointConfig.RoutingConfigProperty(
                prefix_aware_routing_config=None if prefix is None else prefix.render(),
                routing_strategy=self.routing_strategy.value,
            ),
            variant_instance_provision_timeout_in_seconds=to_seconds(self.provision_timeout),
            volume_size_in_gb=None if self.volume_size is None else self.volume_size.to_gibibytes(),
        )
