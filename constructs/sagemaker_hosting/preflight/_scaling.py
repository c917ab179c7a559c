import re
from dataclasses import dataclass

from sagemaker_hosting.preflight._hosting import config_of, variant_named
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._template import ENDPOINT, INFERENCE_COMPONENT, SCALABLE_TARGET, Template
from sagemaker_hosting.preflight._value import Value

_PART = r"[^/]+"
_VARIANT = re.compile(rf"endpoint/(?P<endpoint>{_PART})/variant/(?P<variant>{_PART})")
_COMPONENT = re.compile(rf"inference-component/(?P<component>{_PART})")

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED_CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"


@dataclass(frozen=True, slots=True)
class Scaled:
    """What a scalable target or scaling policy of SageMaker acts on.

    Attributes:
        target: The resource that names it: the scalable target itself, or a policy without a separate target.
        dimension: What is scaled, such as the instance count of a variant.
        endpoint: The endpoint, where it is in the template.
        config: Its configuration, where it is in the template.
        variant_name: The variant's name, where it is a literal.
        variant: The variant, where it is in the template.
        component: The inference component, where it is in the template.
    """

    target: Resource
    dimension: str | None
    endpoint: Resource | None
    config: Resource | None
    variant_name: str | None
    variant: Value | None
    component: Resource | None


def scaled(resource: Resource) -> Scaled | None:
    """What a scalable target or policy acts on, or ``None`` where it is not one of SageMaker's."""
    target = resource["ScalingTargetId"].target(SCALABLE_TARGET) or resource
    if not is_sagemaker(target):
        return None
    template, name = target.template, target["ResourceId"].sub or ""
    component = _COMPONENT.fullmatch(name[:2048])
    variant = _VARIANT.fullmatch(name[:2048])
    endpoint = template.target(variant["endpoint"], (ENDPOINT,)) if variant is not None else None
    config = config_of(endpoint)
    variant_name = variant["variant"] if variant is not None and "${" not in variant["variant"] else None
    return Scaled(
        target,
        target["ScalableDimension"].text,
        endpoint,
        config,
        variant_name,
        variant_named(config, variant_name) if config is not None and variant_name is not None else None,
        template.target(component["component"], (INFERENCE_COMPONENT,)) if component is not None else None,
    )


def registered(template: Template) -> dict[tuple[str | None, str | None], Resource]:
    """The first scalable target for each resource id and dimension."""
    if "registered" not in template.memo:
        found: dict[tuple[str | None, str | None], Resource] = {}
        for target in template.of_type(SCALABLE_TARGET):
            if is_sagemaker(target) and not target.conditional:
                found.setdefault((target["ResourceId"].sub, target["ScalableDimension"].text), target)
        template.memo["registered"] = found
    known: dict[tuple[str | None, str | None], Resource] = template.memo["registered"]
    return known


def is_sagemaker(target: Resource) -> bool:
    """Whether a scalable target is one of SageMaker's."""
    return target["ServiceNamespace"].text == "sagemaker"


def is_named(resource_id: str) -> bool:
    """Whether a resource id has one of SageMaker's two forms."""
    return _VARIANT.fullmatch(resource_id[:2048]) is not None or _COMPONENT.fullmatch(resource_id[:2048]) is not None
