"""A variant of an endpoint, to be measured and scaled."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from sagemaker_hosting.container_metrics import ContainerMetrics
from sagemaker_hosting.metrics import InstanceVariantMetrics, ServerlessVariantMetrics
from sagemaker_hosting.scalable_instance_count import ScalableInstanceCount
from sagemaker_hosting.scalable_provisioned_concurrency import ScalableProvisionedConcurrency
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from sagemaker_hosting.endpoint import Endpoint
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps
    from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps


class IEndpointInstanceProductionVariant(InstanceVariantMetrics, abc.ABC):
    """A variant on instances, as code that is given one names it."""

    @abc.abstractmethod
    def auto_scale_instance_count(self, *, max_capacity: int, min_capacity: int | None = None) -> ScalableInstanceCount:
        """Let the number of instances follow the load; ``EndpointInstanceProductionVariant`` describes it."""


class EndpointInstanceProductionVariant(IEndpointInstanceProductionVariant):
    """A variant on instances; found by ``Endpoint.find_instance_production_variant``."""

    def __init__(self, *, endpoint: Endpoint, props: InstanceProductionVariantProps, has_queue: bool) -> None:
        """Describe the variant.

        Args:
            endpoint: Its endpoint.
            props: What it was made from.
            has_queue: Whether the endpoint is asynchronous.
        """
        super().__init__(endpoint=endpoint, variant_name=props.variant_name)
        self._endpoint = endpoint
        self._props = props
        self._has_queue = has_queue

    @property
    def instance_types(self) -> tuple[InstanceType, ...]:
        """Types of its instances: one, unless it has pools of several."""
        return self._props.instance_types

    @property
    def has_queue(self) -> bool:
        """Whether requests wait for it, since the endpoint is asynchronous."""
        return self._has_queue

    def find_container(self, container_hostname: str) -> ContainerMetrics:
        """Return the metrics of one container of a model in direct mode; in serial mode, there are none.

        Args:
            container_hostname: Its host name.
        """
        return ContainerMetrics(
            endpoint=self._endpoint, variant_name=self.variant_name, container_hostname=container_hostname
        )

    def auto_scale_instance_count(self, *, max_capacity: int, min_capacity: int | None = None) -> ScalableInstanceCount:
        """Let the number of instances follow the load.

        From now on, updates of the endpoint keep the numbers of instances that they find, those of its other variants
        too; ``initial_instance_count`` counts for new variants only.

        Args:
            max_capacity: Instances at most, ``initial_instance_count`` or more.
            min_capacity: Instances at least; 0 is possible on asynchronous endpoints, whose requests wait. Without
                it, ``initial_instance_count``.

        Returns:
            The number of instances; without a policy, only the limits hold.

        Raises:
            ValidationError: If a capacity is outside these limits, the variant is scaled already, or its instances
                are burstable.
        """
        problems = Problems(lambda: f"auto_scale_instance_count of '{self._endpoint.node.path}'")
        for instance_type in self._props.instance_types:
            problems.check(
                not instance_type.is_burstable,
                f"instance_type must not be burstable to be scaled, got {instance_type}",
            )
        problems.check(
            self._props.managed_instance_scaling is None,
            "managed_instance_scaling must not be given for a variant to be scaled here: SageMaker would set the same "
            "number; scale the copies of its inference components",
        )
        initial = self._props.initial_instance_count
        problems.check(
            any(is_token(value) for value in (initial, max_capacity)) or max_capacity < 1 or max_capacity >= initial,
            f"max_capacity must be at least initial_instance_count ({initial}), got {max_capacity}",
        )
        self._endpoint.check_not_scaled(problems, self.variant_name)
        problems.raise_if_any()
        count = ScalableInstanceCount(
            self._endpoint.scaling_scope,
            self.variant_name,
            endpoint_name=self._endpoint.endpoint_name,
            has_queue=self._has_queue,
            max_capacity=max_capacity,
            min_capacity=self._props.initial_instance_count if min_capacity is None else min_capacity,
            variant_name=self.variant_name,
        )
        self._endpoint.keep_capacity(self.variant_name)
        return count


class EndpointServerlessProductionVariant(ServerlessVariantMetrics):
    """A serverless variant; found by ``Endpoint.find_serverless_production_variant``."""

    def __init__(self, *, endpoint: Endpoint, props: ServerlessProductionVariantProps) -> None:
        """Describe the variant.

        Args:
            endpoint: Its endpoint.
            props: What it was made from.
        """
        super().__init__(endpoint=endpoint, variant_name=props.variant_name)
        self._endpoint = endpoint
        self._props = props

    def auto_scale_provisioned_concurrency(
        self, *, max_capacity: int, min_capacity: int | None = None
    ) -> ScalableProvisionedConcurrency:
        """Let the provisioned concurrency follow the load.

        Args:
            max_capacity: Requests at most, 1 to ``max_concurrency`` of the variant.
            min_capacity: Requests at least, 1 or more. Without it, ``provisioned_concurrency`` of the variant.

        Raises:
            ValidationError: If a capacity is outside these limits, or the variant is scaled already or has no
                provisioned concurrency.
        """
        problems = Problems(lambda: f"auto_scale_provisioned_concurrency of '{self._endpoint.node.path}'")
        problems.between("max_capacity", max_capacity, 1, self._props.max_concurrency, "requests (max_concurrency)")
        self._endpoint.check_not_scaled(problems, self.variant_name)
        provisioned = self._props.provisioned_concurrency
        if provisioned is None:
            problems.add("provisioned_concurrency of the variant must be given, got none")
            provisioned = 1
        problems.raise_if_any()
        concurrency = ScalableProvisionedConcurrency(
            self._endpoint.scaling_scope,
            self.variant_name,
            dimension="variant:DesiredProvisionedConcurrency",
            least=1,
            max_capacity=max_capacity,
            min_capacity=provisioned if min_capacity is None else min_capacity,
            resource_id=f"endpoint/{self._endpoint.endpoint_name}/variant/{self.variant_name}",
        )
        self._endpoint.keep_capacity(self.variant_name)
        return concurrency
