"""A SageMaker EndpointConfig: the variants of an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import aws_cdk as cdk
import constructs
import jsii
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.production_variant import InstanceProductionVariantProps
from sagemaker_hosting.replacement import replace_on_change
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.model import IModel

_MOST_VARIANTS = 10


class IEndpointConfig(Protocol):
    """An endpoint configuration, made here or imported."""

    @property
    def endpoint_config_name(self) -> str:
        """Name of the configuration."""


class EndpointConfig(cdk.Resource):
    """The variants that serve an endpoint's requests."""

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002
        *,
        encryption_key: kms.IKey | None = None,
        endpoint_config_name: str | None = None,
        instance_production_variants: Sequence[InstanceProductionVariantProps] = (),
    ) -> None:
        """Create the configuration.

        Args:
            scope: Parent.
            id: Id below the parent.
            encryption_key: Key that encrypts the storage of the instances. Without it, they use a key of AWS.
            endpoint_config_name: Physical name. Without it, CloudFormation makes one, which is what updates need: a
                configuration cannot be changed, and a second one of the same name cannot be created beside the first.
            instance_production_variants: 1 to 10 variants; more can follow with ``add_instance_production_variant``.

        Raises:
            ValidationError: If the name is not valid, there are more than 10 variants, or two have the same name.
                Having none, or weights that are all 0, is reported at synthesis.
        """
        super().__init__(scope, id, physical_name=endpoint_config_name)
        problems = Problems(f"EndpointConfig '{self.node.path}'")
        problems.matches("endpoint_config_name", endpoint_config_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        kms_key_id = None if encryption_key is None else encryption_key.key_arn
        self._variants: list[InstanceProductionVariantProps] = []
        self._rendered: list[sagemaker.CfnEndpointConfig.ProductionVariantProperty] = []
        self._resource = sagemaker.CfnEndpointConfig(
            self, "Resource", endpoint_config_name=endpoint_config_name, kms_key_id=kms_key_id, production_variants=[]
        )
        replace_on_change(
            self._resource,
            lambda: {
                "EndpointConfigName": endpoint_config_name,
                "KmsKeyId": kms_key_id,
                "ProductionVariants": self._rendered,
            },
        )
        self.node.add_validation(_HasVariants(self._variants))
        for variant in instance_production_variants:
            self._add(variant)

    @staticmethod
    def from_endpoint_config_name(
        scope: constructs.Construct,
        id: str,  # noqa: A002
        endpoint_config_name: str,
    ) -> IEndpointConfig:
        """Refer to a configuration that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_config_name: Its name.
        """
        return _ImportedEndpointConfig(scope, id, endpoint_config_name)

    @property
    def endpoint_config_name(self) -> str:
        """Name of the configuration."""
        return self._resource.attr_endpoint_config_name

    @property
    def endpoint_config_arn(self) -> str:
        """ARN of the configuration."""
        return self._resource.ref

    @property
    def instance_production_variants(self) -> tuple[InstanceProductionVariantProps, ...]:
        """The variants, in the order in which they were added."""
        return tuple(self._variants)

    def add_instance_production_variant(
        self,
        *,
        model: IModel,
        variant_name: str,
        container_startup_health_check_timeout: cdk.Duration | None = None,
        initial_instance_count: int = 1,
        initial_variant_weight: float = 1.0,
        instance_type: InstanceType = InstanceType.T2_MEDIUM,
        model_data_download_timeout: cdk.Duration | None = None,
    ) -> None:
        """Add a variant; ``InstanceProductionVariantProps`` describes the arguments.

        Raises:
            ValidationError: If there are 10 variants, or one of this name, or an argument is not valid.
        """
        self._add(
            InstanceProductionVariantProps(
                model=model,
                variant_name=variant_name,
                container_startup_health_check_timeout=container_startup_health_check_timeout,
                initial_instance_count=initial_instance_count,
                initial_variant_weight=initial_variant_weight,
                instance_type=instance_type,
                model_data_download_timeout=model_data_download_timeout,
            )
        )

    def _add(self, variant: InstanceProductionVariantProps) -> None:
        problems = Problems(f"EndpointConfig '{self.node.path}'")
        problems.between("instance_production_variants", len(self._variants) + 1, 1, _MOST_VARIANTS, "variants")
        problems.check(
            variant.variant_name not in {other.variant_name for other in self._variants},
            f"variant_name must be unique in the endpoint, got {variant.variant_name!r} twice",
        )
        problems.raise_if_any()
        self._variants.append(variant)
        self._rendered.append(
            sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                variant_name=variant.variant_name,
                model_name=variant.model.model_name,
                initial_instance_count=variant.initial_instance_count,
                initial_variant_weight=variant.initial_variant_weight,
                instance_type=variant.instance_type.to_string(),
                container_startup_health_check_timeout_in_seconds=_seconds(
                    variant.container_startup_health_check_timeout
                ),
                model_data_download_timeout_in_seconds=_seconds(variant.model_data_download_timeout),
            )
        )
        self._resource.production_variants = [*self._rendered]


def _seconds(duration: cdk.Duration | None) -> float | None:
    return None if duration is None else duration.to_seconds()


class _ImportedEndpointConfig(cdk.Resource):
    def __init__(self, scope: constructs.Construct, id: str, endpoint_config_name: str) -> None:  # noqa: A002
        super().__init__(scope, id)
        self.endpoint_config_name = endpoint_config_name


@jsii.implements(constructs.IValidation)
class _HasVariants:
    def __init__(self, variants: Sequence[InstanceProductionVariantProps]) -> None:
        self._variants = variants

    def validate(self) -> list[str]:
        if not self._variants:
            return ["instance_production_variants must be 1 to 10 variants, got none"]
        weights = [variant.initial_variant_weight for variant in self._variants]
        if not any(cdk.Token.is_unresolved(weight) or weight > 0 for weight in weights):
            return ["initial_variant_weight must be above 0 for at least one variant, got 0 for all"]
        return []
