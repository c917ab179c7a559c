"""How the resources of an endpoint hang together."""

from collections.abc import Iterable, Iterator

from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._template import (
    ALGORITHM,
    ENDPOINT_CONFIG,
    INFERENCE_COMPONENT,
    MODEL,
    MODEL_PACKAGE,
    ROLE,
)
from sagemaker_hosting.preflight._value import Value


def production_variants(config: Resource) -> tuple[Value, ...]:
    """The variants that answer requests."""
    return config["ProductionVariants"].items


def all_variants(config: Resource) -> tuple[Value, ...]:
    """Production and shadow variants."""
    return production_variants(config) + config["ShadowProductionVariants"].items


def serverless_variants(config: Resource) -> Iterator[Value]:
    """The variants that are certainly serverless."""
    return (variant for variant in all_variants(config) if variant["ServerlessConfig"].given)


def instance_types(variant: Value) -> list[Value]:
    """The instance types that a variant names, directly or in its pools."""
    named = [variant["InstanceType"], *(pool["InstanceType"] for pool in variant["InstancePools"].items)]
    return [value for value in named if value.text is not None and value.literal]


def containers(resource: Resource) -> Iterator[Value]:
    """The container definitions of a model, model package, algorithm or inference component."""
    match resource.type:
        case kind if kind == MODEL:
            if not resource["PrimaryContainer"].missing:
                yield resource["PrimaryContainer"]
            yield from resource["Containers"].items
        case kind if kind == INFERENCE_COMPONENT:
            if not resource["Specification"]["Container"].missing:
                yield resource["Specification"]["Container"]
        case kind if kind in (MODEL_PACKAGE, ALGORITHM):
            yield from resource["InferenceSpecification"]["Containers"].items
            for specification in resource["AdditionalInferenceSpecifications"].items:
                yield from specification["Containers"].items


def model_data(container: Value) -> Iterator[Value]:
    """The S3 URIs of a container's model artifacts."""
    for value in (
        container["ModelDataUrl"],
        container["ModelDataSource"]["S3DataSource"]["S3Uri"],
        container["ArtifactUrl"],
    ):
        if not value.missing:
            yield value


def is_archive(uri: Value) -> bool:
    """Whether the artifacts behind a model data URI are one gzip-compressed tar archive."""
    if uri.path[-1] != "S3Uri":
        return True
    source = Value(uri.resource.properties.raw, uri.resource)
    for part in uri.path[:-1]:
        source = source[part]
    return source["CompressionType"].text == "Gzip"


def config_of(endpoint: Resource | None) -> Resource | None:
    """The endpoint configuration that an endpoint starts with."""
    return endpoint["EndpointConfigName"].target(ENDPOINT_CONFIG) if endpoint is not None else None


def model_of(variant: Value) -> Resource | None:
    """The model that a variant serves."""
    return variant["ModelName"].target(MODEL)


def variant_named(config: Resource, name: str) -> Value | None:
    """The variant of a configuration with a name."""
    return next((one for one in all_variants(config) if one["VariantName"].text == name), None)


def variant_names(config: Resource) -> list[str] | None:
    """The names of a configuration's variants, or ``None`` where one is only known at deployment."""
    if not config["ProductionVariants"].complete:
        return None
    names = [variant["VariantName"].text for variant in all_variants(config)]
    return [name for name in names if name is not None] if None not in names else None


def role_of(resource: Resource) -> Resource | None:
    """The role of the template that SageMaker runs a resource with."""
    return resource["ExecutionRoleArn"].target(ROLE)


def duplicates(values: Iterable[Value]) -> Iterator[Value]:
    """The values whose text occurred before."""
    seen: set[str] = set()
    for value in values:
        if value.text is None:
            continue
        if value.text in seen:
            yield value
        seen.add(value.text)


def roles(resource: Resource) -> Iterator[Value]:
    """The places where a resource names a role that SageMaker assumes."""
    inline = resource["MonitoringScheduleConfig"]["MonitoringJobDefinition"]
    for value in (
        resource["ExecutionRoleArn"],
        resource["RoleArn"],
        inline["RoleArn"],
        resource["ValidationSpecification"]["ValidationRole"],
    ):
        if not value.missing:
            yield value
