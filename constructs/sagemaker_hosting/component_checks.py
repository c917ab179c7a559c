"""Whether an inference component fits to the endpoint that is to host it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_hosting.endpoint_config import EndpointConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sagemaker_hosting.component_specification import ComponentSpecification
    from sagemaker_hosting.endpoint import IEndpoint
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps
    from sagemaker_hosting.validation import Problems

_MOST_SPECIFICATIONS = 5


def check_specifications(
    problems: Problems,
    specification: ComponentSpecification | None,
    specifications: Mapping[InstanceType, ComponentSpecification] | None,
    *,
    is_adapter: bool,
) -> None:
    """Record specifications that are missing or too many, or that do not suit an adapter.

    Args:
        problems: Where to record.
        specification: What runs on all instances, if that is one thing.
        specifications: What runs on instances of each type.
        is_adapter: Whether the component adapts a base component.
    """
    problems.check(
        (specification is None) is not (specifications is None),
        "specification or specifications must be given, and only one of them",
    )
    if specification is not None:
        specification.check(problems, is_adapter=is_adapter)
    if specifications is None:
        return
    problems.between("specifications", len(specifications), 1, _MOST_SPECIFICATIONS, "instance types")
    problems.check(not is_adapter, "specifications must not be given for an adapter")
    for each in specifications.values():
        each.check(problems, is_adapter=is_adapter)


def find_variant(
    problems: Problems, endpoint: IEndpoint, variant_name: str | None
) -> InstanceProductionVariantProps | None:
    """Return the variant that an inference component runs on; ``None`` if the endpoint was imported.

    Args:
        problems: Where to record that there is none.
        endpoint: The endpoint.
        variant_name: Name of the variant, or ``None`` for the only one.
    """
    config = endpoint.endpoint_config
    if not isinstance(config, EndpointConfig):
        return None
    known = config.instance_production_variants
    if not config.contents.hosts_components:
        problems.add("endpoint must have variants on instances without models, got none")
        return None
    if variant_name is None:
        problems.check(
            len(known) == 1, f"variant_name must be given for an endpoint of {len(known)} variants, got none"
        )
        return known[0]
    for variant in known:
        if variant.variant_name == variant_name:
            return variant
    problems.add(f"variant_name must be one of {[each.variant_name for each in known]}, got {variant_name!r}")
    return None


def check_instance_types(
    problems: Problems,
    variant: InstanceProductionVariantProps | None,
    specification: ComponentSpecification | None,
    specifications: Mapping[InstanceType, ComponentSpecification],
) -> None:
    """Record specifications for other instances than the variant has, and models that were built for others.

    Args:
        problems: Where to record.
        variant: The variant, if it is known.
        specification: What runs on all instances, if that is one thing.
        specifications: What runs on instances of each type.
    """
    types = () if variant is None else variant.instance_types
    for instance_type in specifications:
        problems.check(
            variant is None or instance_type in types,
            f"specifications must be for instance types of the variant, got {instance_type}",
        )
    for instance_type in types:
        one = specifications.get(instance_type, specification)
        built = None if one is None or one.model is None else one.model.architecture
        problems.check(
            built is None or built is instance_type.architecture,
            f"model must have an image for {instance_type.architecture.value}, which {instance_type} runs; it is built "
            f"for {'' if built is None else built.value}: give the model "
            f"image_architecture=Architecture.{instance_type.architecture.name}",
        )
