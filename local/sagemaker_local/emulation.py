"""What the embedded AWS, moto, needs on top to host a SageMaker stack. All that knows moto's inside is here."""

from __future__ import annotations

import logging
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import lambda_backends
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, Model, sagemaker_backends

from sagemaker_local.environment import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE_PROPERTIES = {
    "model_package_name": "ModelPackageName",
    "model_package_group_name": "ModelPackageGroupName",
    "model_package_description": "ModelPackageDescription",
    "inference_specification": "InferenceSpecification",
    "validation_specification": "ValidationSpecification",
    "source_algorithm_specification": "SourceAlgorithmSpecification",
    "certify_for_marketplace": "CertifyForMarketplace",
    "model_approval_status": "ModelApprovalStatus",
    "metadata_properties": "MetadataProperties",
    "model_metrics": "ModelMetrics",
    "client_token": "ClientToken",
    "customer_metadata_properties": "CustomerMetadataProperties",
    "drift_check_baselines": "DriftCheckBaselines",
    "domain": "Domain",
    "task": "Task",
    "sample_payload_url": "SamplePayloadUrl",
    "additional_inference_specifications": "AdditionalInferenceSpecifications",
}


class ModelPackageGroupResource(CloudFormationModel):
    """``AWS::SageMaker::ModelPackageGroup``: moto has its API and not its CloudFormation resource."""

    def __init__(self, name: str, arn: str) -> None:
        self.name = name
        self.arn = arn

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SageMaker::ModelPackageGroup"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "ModelPackageGroupName"

    @property
    def physical_resource_id(self) -> str:
        return self.arn

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in {"ModelPackageGroupArn", "ModelPackageGroupStatus", "CreationTime"}

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return {"ModelPackageGroupArn": self.arn, "ModelPackageGroupStatus": "Completed"}.get(attribute_name, "")

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> ModelPackageGroupResource:
        properties = cloudformation_json["Properties"]
        arn = sagemaker_backends[account_id][region_name].create_model_package_group(
            model_package_group_name=resource_name,
            model_package_group_description=properties.get("ModelPackageGroupDescription", ""),
            tags=properties.get("Tags", []),
        )
        return cls(resource_name, arn)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        del cloudformation_json
        groups = sagemaker_backends[account_id][region_name].model_package_groups
        groups.pop(resource_name.rpartition("/")[2], None)


class ModelPackageResource(CloudFormationModel):
    """``AWS::SageMaker::ModelPackage``: moto has its API and not its CloudFormation resource."""

    def __init__(self, arn: str, status: str) -> None:
        self.arn = arn
        self.status = status

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SageMaker::ModelPackage"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "ModelPackageName"

    @property
    def physical_resource_id(self) -> str:
        return self.arn

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in {"ModelPackageArn", "ModelPackageStatus", "CreationTime"}

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return {"ModelPackageArn": self.arn, "ModelPackageStatus": self.status}.get(attribute_name, "")

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> ModelPackageResource:
        del resource_name
        backend = sagemaker_backends[account_id][region_name]
        given = cloudformation_json["Properties"]
        arguments = {argument: given.get(name) for argument, name in _PACKAGE_PROPERTIES.items()}
        # A version without a status waits for an approval, as in the service.
        arguments["model_approval_status"] = arguments["model_approval_status"] or "PendingManualApproval"
        arn = backend.create_model_package(**arguments, tags=given.get("Tags", []))
        return cls(arn, backend.model_packages[arn].model_package_status)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        del cloudformation_json
        backend = sagemaker_backends[account_id][region_name]
        package = backend.model_packages.pop(resource_name, None)
        backend.model_package_name_mapping.pop(resource_name, None)
        if package is not None:
            backend.model_package_name_mapping.pop(package.model_package_name, None)


def prepare() -> None:
    """Make moto's CloudFormation respect the physical names of SageMaker resources, which it ignores.

    It also warns of resources that it leaves out; ``is_emulated`` tells which those are.
    """
    logging.getLogger("moto").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Tried to parse .* not supported by moto's CloudFormation")
    for kind, name in (
        (Model, "ModelName"),
        (FakeEndpointConfig, "EndpointConfigName"),
        (FakeEndpoint, "EndpointName"),
    ):
        kind.cloudformation_name_type = staticmethod(partial(str, name))  # type: ignore[method-assign]
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()


def is_emulated(resource_type: str) -> bool:
    """Return whether CloudFormation does anything for resources of this type.

    Args:
        resource_type: For example ``AWS::SageMaker::Model``.
    """
    known = parsing.get_model_map()
    return resource_type in known or resource_type.startswith("Custom::") or resource_type == "AWS::CDK::Metadata"


def set_endpoint_status(name: str, region: str, status: str, reason: str | None = None) -> None:
    """Let ``DescribeEndpoint`` say how the endpoint is.

    Args:
        name: The endpoint.
        region: Its region.
        status: For example ``Creating``, ``InService`` or ``Failed``.
        reason: Why it failed.
    """
    endpoint = sagemaker_backends[ACCOUNT][region].endpoints[name]
    endpoint.endpoint_status = status
    endpoint.failure_reason = reason  # type: ignore[assignment]


def deployed_code(name: str, region: str) -> tuple[Mapping[str, Any], bytes] | None:
    """Return the configuration and the zip archive of a function; ``None`` if there is no such function.

    Args:
        name: Name or ARN.
        region: Its region.
    """
    for function in lambda_backends[ACCOUNT][region].list_functions():
        if name in {function.function_name, function.function_arn}:
            return function.get_configuration(), function.code_bytes
    return None
