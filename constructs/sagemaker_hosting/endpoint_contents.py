"""What an endpoint configuration holds, and what of it excludes what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.async_inference import AsyncInference
    from sagemaker_hosting.clarify_explainer import ClarifyExplainer
    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.model import IModel
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps
    from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps
    from sagemaker_hosting.validation import Problems

_MOST_VARIANTS = 10


@dataclass(frozen=True, kw_only=True)
class EndpointContents:
    """Everything that is given to an endpoint configuration but its name.

    Attributes:
        async_inference: Where requests come from and answers go.
        data_capture: Which requests and answers are kept.
        encryption_key: Key of the instances' storage.
        execution_role: Role of the inference components, if one was given.
        explainer: What explains the answers.
        instances: Variants on instances.
        serverless: The serverless variant, or none.
        shadows: Variants that get copies of requests.
        has_network: Whether a VPC or isolation was given, as endpoints for inference components have it.
    """

    async_inference: AsyncInference | None
    data_capture: DataCapture | None
    encryption_key: kms.IKey | None
    execution_role: iam.IRole | None
    explainer: ClarifyExplainer | None
    instances: tuple[InstanceProductionVariantProps, ...]
    serverless: tuple[ServerlessProductionVariantProps, ...]
    shadows: tuple[InstanceProductionVariantProps, ...]
    has_network: bool

    @property
    def hosts_components(self) -> bool:
        """Whether there are variants and none has a model, so that their models are inference components."""
        variants = (*self.instances, *self.shadows)
        return bool(variants) and not self.serverless and all(variant.model is None for variant in variants)

    @property
    def models(self) -> Iterator[IModel]:
        """The models of the variants, those of their pools included."""
        for serverless in self.serverless:
            yield serverless.model
        for variant in (*self.instances, *self.shadows):
            if variant.model is not None:
                yield variant.model
            for pool in () if variant.instance_pools is None else variant.instance_pools:
                if pool.model is not None:
                    yield pool.model

    def check(self, problems: Problems) -> None:
        """Record what cannot stand together."""
        count = len(self.instances)
        problems.check(
            count <= _MOST_VARIANTS,
            f"instance_production_variants must be 1 to {_MOST_VARIANTS} variants, got {count}",
        )
        names = [
            *(variant.variant_name for variant in (*self.instances, *self.shadows)),
            *(variant.variant_name for variant in self.serverless),
        ]
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.add(f"variant_name must be unique in the endpoint, got {name!r} twice")
        self._check_components(problems)
        self._check_key(problems)
        self._check_serverless(problems)
        self._check_shadows(problems)

    def problems_at_synthesis(self) -> list[str]:
        """Return what is still missing when nothing more can be added."""
        if not self.instances and not self.serverless:
            return [
                "instance_production_variants must be 1 to 10 variants, got none, and no serverless_production_variant"
            ]
        weights = [
            *(variant.initial_variant_weight for variant in self.instances),
            *(variant.initial_variant_weight for variant in self.serverless),
        ]
        if not any(is_token(weight) or weight > 0 for weight in weights):
            return ["initial_variant_weight must be above 0 for at least one variant, got 0 for all"]
        return []

    def _check_components(self, problems: Problems) -> None:
        variants = (*self.instances, *self.shadows)
        has_model = any(variant.model is not None for variant in variants) or bool(self.serverless)
        problems.check(
            not has_model or all(variant.model is not None for variant in variants),
            "model must be given for all variants or for none, got some without: an endpoint hosts models or inference "
            "components",
        )
        problems.check(
            not has_model or self.execution_role is None,
            "execution_role must not be given for variants with models, each of which has a role",
        )
        problems.check(
            not has_model or not self.has_network,
            "vpc and network_isolation must not be given for variants with models: give them to the models",
        )

    def _check_key(self, problems: Problems) -> None:
        types = [each for variant in (*self.instances, *self.shadows) for each in variant.instance_types]
        if self.encryption_key is not None and types and all(each.has_local_disks for each in types):
            problems.add(
                f"encryption_key must not be given for {types[0]}, whose storage are local disks that the instance "
                "encrypts with a key of its own"
            )

    def _check_serverless(self, problems: Problems) -> None:
        if not self.serverless:
            return
        problems.check(
            len(self.serverless) == 1, f"serverless_production_variant must be one variant, got {len(self.serverless)}"
        )
        excluded = {
            "instance_production_variants": bool(self.instances),
            "shadow_production_variants": bool(self.shadows),
            "async_inference": self.async_inference is not None,
            "data_capture": self.data_capture is not None,
            "encryption_key": self.encryption_key is not None,
            "explainer": self.explainer is not None,
        }
        for argument in (argument for argument, given in excluded.items() if given):
            problems.add(f"{argument} must not be given together with serverless_production_variant, which excludes it")

    def _check_shadows(self, problems: Problems) -> None:
        if not self.shadows:
            return
        problems.check(
            len(self.shadows) == 1, f"shadow_production_variants must be at most one variant, got {len(self.shadows)}"
        )
        problems.check(
            len(self.instances) <= 1,
            f"instance_production_variants must be one variant beside a shadow variant, got {len(self.instances)}",
        )
        problems.check(
            self.async_inference is None,
            "async_inference must not be given together with shadow_production_variants, which exclude it",
        )
