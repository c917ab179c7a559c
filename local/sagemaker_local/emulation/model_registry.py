"""CloudFormation's ModelPackageGroup and ModelPackage, which moto has in its API only.

moto finds the classes by itself once this module is imported.
"""

from __future__ import annotations

from typing import Any, ClassVar

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.common_models import CloudFormationModel
from moto.sagemaker.models import ModelPackage, ModelPackageGroup, SageMakerModelBackend, sagemaker_backends

_PACKAGE_PROPERTIES = {
    "AdditionalInferenceSpecifications": "additional_inference_specifications",
    "ClientToken": "client_token",
    "CustomerMetadataProperties": "customer_metadata_properties",
    "Domain": "domain",
    "DriftCheckBaselines": "drift_check_baselines",
    "InferenceSpecification": "inference_specification",
    "MetadataProperties": "metadata_properties",
    "ModelApprovalStatus": "model_approval_status",
    "ModelMetrics": "model_metrics",
    "ModelPackageDescription": "model_package_description",
    "ModelPackageName": "model_package_name",
    "SamplePayloadUrl": "sample_payload_url",
    "SourceAlgorithmSpecification": "source_algorithm_specification",
    "Tags": "tags",
    "Task": "task",
    "ValidationSpecification": "validation_specification",
}


# What CloudFormation changes without a new version; everything else that it knows makes one.
_CHANGED_IN_PLACE = {
    "AdditionalInferenceSpecifications": "additional_inference_specifications",
    "ApprovalDescription": "approval_description",
    "CustomerMetadataProperties": "customer_metadata_properties",
    "ModelApprovalStatus": "model_approval_status",
}


class _RegistryResource:
    """A resource whose physical id is an ARN, kept in a dictionary of moto's SageMaker backend.

    Not a subclass of moto's model itself: moto knows its direct subclasses only.
    """

    attributes: ClassVar[dict[str, str]]
    create_from_cloudformation_json: ClassVar[Any]
    delete_from_cloudformation_json: ClassVar[Any]

    def __init__(self, stored: Any) -> None:
        self.stored = stored

    @property
    def physical_resource_id(self) -> str:
        """The value of Ref."""
        return str(self.stored.arn)

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether GetAtt has this attribute."""
        return attr in cls.attributes

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """The value of GetAtt."""
        if attribute_name not in self.attributes:
            raise UnformattedGetAttTemplateException
        return getattr(self.stored, self.attributes[attribute_name])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Replace it."""
        if cloudformation_json.get("UpdateReplacePolicy") != "Retain":
            cls.delete_from_cloudformation_json(
                original_resource.physical_resource_id, cloudformation_json, account_id, region_name
            )
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class ModelPackageGroupResource(_RegistryResource, CloudFormationModel):
    """A group; Ref and GetAtt as CloudFormation documents them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-modelpackagegroup.html
    """

    attributes: ClassVar = {
        "CreationTime": "creation_time",
        "ModelPackageGroupArn": "arn",
        "ModelPackageGroupStatus": "model_package_group_status",
    }

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that sets the name."""
        return "ModelPackageGroupName"

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "AWS::SageMaker::ModelPackageGroup"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_kwargs: Any,
    ) -> ModelPackageGroupResource:
        """Create what the template says."""
        properties = cloudformation_json["Properties"]
        backend = sagemaker_backends[account_id][region_name]
        backend.create_model_package_group(
            model_package_group_name=resource_name,
            model_package_group_description=properties.get("ModelPackageGroupDescription"),
            tags=properties.get("Tags"),
        )
        return cls(backend.model_package_groups[resource_name])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Keep a group of the same name: its tags and policy are changed in place, and its versions stay."""
        if original_resource.stored.model_package_group_name == new_resource_name:
            return original_resource
        return super().update_from_cloudformation_json(
            original_resource, new_resource_name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003  moto's signature
        account_id: str,
        region_name: str,
    ) -> None:
        """Remove it."""
        backend = sagemaker_backends[account_id][region_name]
        backend.model_package_groups.pop(_group(backend, resource_name).model_package_group_name)


class ModelPackageResource(_RegistryResource, CloudFormationModel):
    """A version of a group, or a package without one; Ref and GetAtt as CloudFormation documents them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-modelpackage.html
    """

    properties: dict[str, Any]
    attributes: ClassVar = {
        "CreationTime": "creation_time",
        "ModelPackageArn": "arn",
        "ModelPackageStatus": "model_package_status",
    }

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that sets the name."""
        return "ModelPackageName"

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "AWS::SageMaker::ModelPackage"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_kwargs: Any,
    ) -> ModelPackageResource:
        """Create what the template says."""
        properties = cloudformation_json["Properties"]
        backend = sagemaker_backends[account_id][region_name]
        arguments = {argument: properties.get(name) for name, argument in _PACKAGE_PROPERTIES.items()}
        group = properties.get("ModelPackageGroupName")
        if group is None:
            arguments["model_package_name"] = resource_name
        else:
            group = _group(backend, group).model_package_group_name
            # A version without a status waits for an approval, as in the service.
            arguments["model_approval_status"] = arguments["model_approval_status"] or "PendingManualApproval"
        kept = dict(backend.model_packages)
        arn = backend.create_model_package(
            model_package_group_name=group,
            certify_for_marketplace=str(properties.get("CertifyForMarketplace")).lower() == "true",
            **arguments,
        )
        package = backend.model_packages[arn]
        package.approval_description = properties.get("ApprovalDescription")
        if group is not None:
            _number(backend, package, kept)
        made = cls(package)
        made.properties = properties
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Change the version in place where CloudFormation does, else replace it."""
        before, after = original_resource.properties, cloudformation_json["Properties"]
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        if not changed <= _CHANGED_IN_PLACE.keys():
            return super().update_from_cloudformation_json(
                original_resource, new_resource_name, cloudformation_json, account_id, region_name
            )
        for name in changed:
            setattr(original_resource.stored, _CHANGED_IN_PLACE[name], after.get(name))
        original_resource.stored.modifications_done()
        original_resource.properties = after
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003  moto's signature
        account_id: str,
        region_name: str,
    ) -> None:
        """Remove it."""
        package: ModelPackage = sagemaker_backends[account_id][region_name].model_packages.pop(resource_name)
        package.model_package_status = "Deleting"


def _number(backend: SageMakerModelBackend, package: ModelPackage, kept: dict[str, ModelPackage]) -> None:
    """Give a version the number after the highest there ever was: moto counts those that there are."""
    name = package.model_package_group_name
    group: Any = backend.model_package_groups[name or ""]
    there = [one.model_package_version or 0 for one in kept.values() if one.model_package_group_name == name]
    number = max(getattr(group, "highest_version", 0), *there, 0) + 1
    group.highest_version = number
    del backend.model_packages[package.arn]
    backend.model_packages.update(kept)
    package.model_package_version = number
    package.arn = f"{package.arn.rpartition('/')[0]}/{number}"
    backend.model_packages[package.arn] = package
    backend.model_package_name_mapping[package.model_package_name] = package.arn
    backend.model_package_name_mapping[package.arn] = package.arn


def _group(backend: SageMakerModelBackend, name_or_arn: str) -> ModelPackageGroup:
    """A group by its name or ARN; the names in ARNs are in lower case."""
    for name, group in backend.model_package_groups.items():
        if name == name_or_arn or group.arn.lower() == name_or_arn.lower():
            return group
    return backend.describe_model_package_group(name_or_arn)
