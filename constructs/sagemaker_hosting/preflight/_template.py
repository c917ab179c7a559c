from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sagemaker_hosting.preflight._assets import Assets
from sagemaker_hosting.preflight._intrinsics import reference_in
from sagemaker_hosting.preflight._resource import Resource

MODEL: Final = "AWS::SageMaker::Model"
ENDPOINT_CONFIG: Final = "AWS::SageMaker::EndpointConfig"
ENDPOINT: Final = "AWS::SageMaker::Endpoint"
INFERENCE_COMPONENT: Final = "AWS::SageMaker::InferenceComponent"
MODEL_PACKAGE: Final = "AWS::SageMaker::ModelPackage"
MODEL_PACKAGE_GROUP: Final = "AWS::SageMaker::ModelPackageGroup"
ALGORITHM: Final = "AWS::SageMaker::Algorithm"
MONITORING_SCHEDULE: Final = "AWS::SageMaker::MonitoringSchedule"
DATA_QUALITY: Final = "AWS::SageMaker::DataQualityJobDefinition"
MODEL_QUALITY: Final = "AWS::SageMaker::ModelQualityJobDefinition"
MODEL_BIAS: Final = "AWS::SageMaker::ModelBiasJobDefinition"
MODEL_EXPLAINABILITY: Final = "AWS::SageMaker::ModelExplainabilityJobDefinition"
JOB_DEFINITIONS: Final = (DATA_QUALITY, MODEL_QUALITY, MODEL_BIAS, MODEL_EXPLAINABILITY)
SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM: Final = "AWS::CloudWatch::Alarm"
ROLE: Final = "AWS::IAM::Role"

# The property that holds the name by which other resources call a resource.
NAMES: Final = {
    MODEL: "ModelName",
    ENDPOINT_CONFIG: "EndpointConfigName",
    ENDPOINT: "EndpointName",
    INFERENCE_COMPONENT: "InferenceComponentName",
    MODEL_PACKAGE_GROUP: "ModelPackageGroupName",
    ALGORITHM: "AlgorithmName",
    MONITORING_SCHEDULE: "MonitoringScheduleName",
    ALARM: "AlarmName",
} | dict.fromkeys(JOB_DEFINITIONS, "JobDefinitionName")

# CloudFormation accepts 500 resources per template; whatever has more is looked at with less patience.
_MAX_RESOURCES = 1000


class Template:
    """A CloudFormation template, as rules look at it.

    Args:
        raw: The parsed template. Whatever is not shaped like a template counts as absent.
        region: Region that the stack is deployed to, where it is known.
        assets: Files and directories that the template's assets are made from.
    """

    def __init__(self, raw: object, *, region: str | None = None, assets: Assets | None = None) -> None:
        """Reads the resources; nothing is checked yet."""
        self.region = region
        self.assets = assets or Assets({})
        self.memo: dict[object, Any] = {}
        resources = raw.get("Resources") if isinstance(raw, Mapping) else None
        self.resources: dict[str, Resource] = {
            logical_id: Resource(self, logical_id, body)
            for logical_id, body in (resources.items() if isinstance(resources, Mapping) else ())
            if isinstance(logical_id, str) and isinstance(body, Mapping) and isinstance(body.get("Type"), str)
        }

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Resource]:
        found: dict[tuple[str, str], Resource] = {}
        for kind, key in NAMES.items():
            for resource in self.of_type(kind):
                name = resource[key].text
                if name is not None:
                    found.setdefault((kind, name), resource)
        return found

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of some types, in the order of the template."""
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    def target(self, text: str | None, types: Sequence[str]) -> Resource | None:
        """The resource that a reference (``${Endpoint.EndpointName}``) or a literal name means."""
        if text is None:
            return None
        reference = reference_in(text)
        if reference is not None:
            found = self.resources.get(reference.logical_id)
            return found if found is not None and found.type in types else None
        return next((self._by_name[kind, text] for kind in types if (kind, text) in self._by_name), None)

    @cached_property
    def _direct_dependencies(self) -> dict[str, set[str]]:
        return {}

    def dependencies(self, logical_id: str) -> frozenset[str]:
        """Logical ids that a resource waits for, directly or through others."""
        found: set[str] = set()
        pending = [logical_id]
        while pending and len(found) < _MAX_RESOURCES:
            current = pending.pop()
            resource = self.resources.get(current)
            if resource is None:
                continue
            if current not in self._direct_dependencies:
                self._direct_dependencies[current] = resource.direct_dependencies()
            new = self._direct_dependencies[current] - found
            found |= new
            pending.extend(new)
        return frozenset(found)
