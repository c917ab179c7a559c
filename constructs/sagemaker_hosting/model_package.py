"""A version of a model in the model registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.given import given
from sagemaker_hosting.inference_description import check_inference, describe_inference
from sagemaker_hosting.model_package_group import group_reference
from sagemaker_hosting.package_checks import check_metadata, check_unversioned
from sagemaker_hosting.packaged_container import PackagedContainer
from sagemaker_hosting.replacement import name_by_content, replace_on_change
from sagemaker_hosting.stacks import note_place
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems
from sagemaker_hosting.version_labels import ApprovalStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from sagemaker_hosting.container_description import ContainerDescription
    from sagemaker_hosting.inference_description import AdditionalInference
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.model import Model
    from sagemaker_hosting.model_card import ModelCard
    from sagemaker_hosting.model_metrics import DriftCheckBaselines, ModelMetrics
    from sagemaker_hosting.model_package_group import IModelPackageGroup
    from sagemaker_hosting.package_validation import PackageValidation
    from sagemaker_hosting.provenance import Provenance
    from sagemaker_hosting.sample_payloads import SamplePayloads
    from sagemaker_hosting.source_algorithm import SourceAlgorithm
    from sagemaker_hosting.version_labels import ModelDomain, ModelTask

_LONGEST_DESCRIPTION = 1024
_LONGEST_NAME = 63
_LONGEST_URI = 1024
_MOST_ADDITIONAL = 15


class IModelPackage(Protocol):
    """A model package, made here or imported."""

    @property
    def model_package_arn(self) -> str:
        """ARN of the package; that of a version ends in its number."""

    @property
    def approval_status(self) -> ApprovalStatus | None:
        """Whether it may be deployed, as this app says; ``None`` if it says nothing."""

    @property
    def model(self) -> Model | None:
        """The model that it registers; ``None`` if it is not one of this app."""


class ModelPackage(cdk.Resource):
    """A version of a model: its containers, what it accepts and answers, and where it can run.

    The containers are those of the model it registers. When they change, or anything else that CloudFormation cannot
    change in place, a new version is made and the old one stays in the registry.

    Without a group it is unversioned: a package with a name, of the kind that AWS Marketplace lists.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        model: Model | None = None,
        model_package_group: IModelPackageGroup | None = None,
        additional_inferences: Sequence[AdditionalInference] = (),
        approval_description: str | None = None,
        approval_status: ApprovalStatus | None = None,
        certify_for_marketplace: bool | None = None,
        container_descriptions: Sequence[ContainerDescription] = (),
        customer_metadata: Mapping[str, str] | None = None,
        description: str | None = None,
        domain: ModelDomain | None = None,
        drift_check_baselines: DriftCheckBaselines | None = None,
        encryption_key: kms.IKey | None = None,
        model_card: ModelCard | None = None,
        model_metrics: ModelMetrics | None = None,
        model_package_name: str | None = None,
        provenance: Provenance | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        sample_payloads: SamplePayloads | None = None,
        skip_model_validation: Literal["All", "None"] | None = None,
        source_algorithm: SourceAlgorithm | None = None,
        source_uri: str | None = None,
        supported_content_types: Sequence[str] = (),
        supported_realtime_inference_instance_types: Sequence[InstanceType] = (),
        supported_response_types: Sequence[str] = (),
        supported_transform_instance_types: Sequence[InstanceType] = (),
        task: ModelTask | None = None,
        validation: PackageValidation | None = None,
    ) -> None:
        """Create the package.

        What CloudFormation has no property for is not here: the life cycle stage and the registration type. It sets the
        version's number and times itself, and adds to the additional inferences by comparing the lists.

        Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

        Args:
            scope: Parent.
            id: Id below the parent.
            model: The model that is registered. Excludes ``source_algorithm``; one of them is needed.
            model_package_group: The group that numbers the version. Without it, the package is unversioned.
            additional_inferences: Further ways to run the model, at most 15, each with a name of its own.
            approval_description: Why it was approved or rejected, at most 1,024 characters.
            approval_status: Whether the version may be deployed. Without it, somebody has to say so. An unversioned
                package has none.
            certify_for_marketplace: Whether AWS Marketplace may list the package; only an unversioned one, which then
                needs ``validation``. Without it, it may not.
            container_descriptions: What is known of each container of the model, in the order of the pipeline. Without
                it, no more than what runs in it.
            customer_metadata: Names and values of one's own, at most 50; names of 1 to 128, values of 1 to 256
                characters.
            description: What this version is, at most 1,024 characters.
            domain: What kind of data the model works on; with ``task`` it lets Inference Recommender find comparable
                models.
            drift_check_baselines: What model monitoring compares the running model with.
            encryption_key: Key that encrypts what is registered. Without it, a key of AWS.
            model_card: Who made the model, what for, and how it was evaluated.
            model_metrics: What was measured of the version.
            model_package_name: Name of an unversioned package. Without it, one is made that follows the content, which
                is what updates need. A version has none.
            provenance: What made the version.
            removal_policy: What happens to the package when it leaves the stack or is replaced. Without it, it is
                kept, except when the deployment that made it is rolled back.
            sample_payloads: Requests for Inference Recommender's load test.
            skip_model_validation: ``All`` registers without looking at the image. Without it, SageMaker looks.
            source_algorithm: The algorithm and the training result that the package is made of.
            source_uri: Where the model was registered from, at most 1,024 characters, such as the ARN of a package that
                this one is a copy of.
            supported_content_types: MIME types that the containers accept, at least one of a model.
            supported_realtime_inference_instance_types: Types on which the model can be hosted. Without them, any; an
                unversioned package must say.
            supported_response_types: MIME types that the containers answer, at least one of a model.
            supported_transform_instance_types: Types on which it can run batch transform jobs. Without them, any; an
                unversioned package must say.
            task: What the model does.
            validation: How SageMaker validates the package when it is created. Without it, it does not.

        Raises:
            ValidationError: If a value is outside these limits, or arguments exclude each other.
        """
        super().__init__(scope, id, physical_name=model_package_name)
        note_place(self, scope, id)
        self._model = model
        self._approval_status = (
            ApprovalStatus.PENDING_MANUAL_APPROVAL
            if approval_status is None and model_package_group is not None
            else approval_status
        )
        problems = Problems(lambda: f"ModelPackage '{self.node.path}'")
        problems.check(
            (model is None) != (source_algorithm is None), "model or source_algorithm must be given, and not both"
        )
        if model is not None:
            problems.check(
                not any(isinstance(one, PackagedContainer) for one in model.containers),
                "model must have containers of its own, got one that is made of a model package",
            )
            for name, types in (
                ("supported_content_types", supported_content_types),
                ("supported_response_types", supported_response_types),
            ):
                problems.check(bool(types), f"{name} must hold at least one type, got none")
            check_inference(
                problems,
                container_count=len(model.containers),
                container_descriptions=container_descriptions,
                content_types=supported_content_types,
                response_types=supported_response_types,
                transform_instance_types=supported_transform_instance_types,
            )
        if model_package_group is None:
            check_unversioned(
                problems,
                {
                    "supported_realtime_inference_instance_types": supported_realtime_inference_instance_types,
                    "supported_transform_instance_types": supported_transform_instance_types,
                }
                if model is not None
                else {},
                approval_status,
                certified_without_validation=certify_for_marketplace is True and validation is None,
            )
        else:
            for name, argument in (
                ("model_package_name", model_package_name),
                ("certify_for_marketplace", certify_for_marketplace),
            ):
                problems.check(
                    argument is None, f"{name} must not be given together with model_package_group: versions have none"
                )
        problems.matches("model_package_name", model_package_name, NAME_PATTERN, NAME_ALLOWED)
        problems.between("description", len(description or ""), 0, _LONGEST_DESCRIPTION, "characters")
        problems.length("approval_description", approval_description, 0, _LONGEST_DESCRIPTION)
        problems.length("source_uri", source_uri, 0, _LONGEST_URI)
        problems.one_of("skip_model_validation", skip_model_validation, ("All", "None"))
        check_metadata(problems, customer_metadata)
        names = [one.name for one in additional_inferences]
        problems.between(
            "the number of additional_inferences", len(names), 0, _MOST_ADDITIONAL, "additional inferences"
        )
        problems.check(
            len(set(names)) == len(names), f"additional_inferences must have names of their own, got {names}"
        )
        problems.raise_if_any()

        # What CloudFormation cannot change in place.
        fixed: dict[str, Any] = {
            "domain": None if domain is None else domain.value,
            "metadata_properties": None
            if provenance is None
            else sagemaker.CfnModelPackage.MetadataPropertiesProperty(
                commit_id=provenance.commit_id,
                generated_by=provenance.generated_by,
                project_id=provenance.project_id,
                repository=provenance.repository,
            ),
            "model_package_description": description,
            "model_package_group_name": None
            if model_package_group is None
            else group_reference(self, model_package_group),
            "sample_payload_url": None if sample_payloads is None else sample_payloads.bind_bodies(self).uri,
            "security_config": None
            if encryption_key is None
            else sagemaker.CfnModelPackage.SecurityConfigProperty(kms_key_id=encryption_key.key_arn),
            "source_algorithm_specification": None
            if source_algorithm is None
            else sagemaker.CfnModelPackage.SourceAlgorithmSpecificationProperty(
                source_algorithms=[
                    sagemaker.CfnModelPackage.SourceAlgorithmProperty(
                        algorithm_name=source_algorithm.algorithm.algorithm_arn,
                        model_data_url=source_algorithm.model_data_url,
                    )
                ]
            ),
            "task": None if task is None else task.value,
        }
        self._resource = resource = sagemaker.CfnModelPackage(
            self,
            "Resource",
            approval_description=approval_description,
            certify_for_marketplace=certify_for_marketplace,
            customer_metadata_properties=None if customer_metadata is None else dict(customer_metadata),
            model_approval_status=None if self._approval_status is None else self._approval_status.value,
            model_card=None
            if model_card is None
            else sagemaker.CfnModelPackage.ModelCardProperty(
                model_card_content=model_card.text, model_card_status=model_card.status.value
            ),
            skip_model_validation=skip_model_validation,
            source_uri=source_uri,
            **fixed,
        )
        # As the API takes them: CloudFormation's classes demand content types of further ways to run a model, too.
        described: dict[str, object] = given(
            {
                "DriftCheckBaselines": drift_check_baselines and drift_check_baselines.bind(self),
                "InferenceSpecification": None
                if model is None
                else describe_inference(
                    containers=model.containers,
                    container_descriptions=container_descriptions,
                    content_types=supported_content_types,
                    response_types=supported_response_types,
                    realtime_instance_types=supported_realtime_inference_instance_types,
                    transform_instance_types=supported_transform_instance_types,
                ),
                "ModelMetrics": model_metrics and model_metrics.bind(self),
                "ValidationSpecification": validation
                and validation.bind(self, resource, None if model is None else model.role),
            }
        )
        for member, value in described.items():
            resource.add_property_override(member, value)
        if additional_inferences:
            resource.add_property_override(
                "AdditionalInferenceSpecifications", [one.describe() for one in additional_inferences]
            )
        resource.apply_removal_policy(removal_policy)

        replacing = {**fixed, **described}
        if model_package_group is None:
            resource.model_package_name = (
                name_by_content(self, replacing, longest=_LONGEST_NAME)
                if model_package_name is None
                else model_package_name
            )
        else:
            resource.node.add_dependency(model_package_group)
            # A version has the tags of its group; one with tags of its own is refused.
            resource.add_property_deletion_override("Tags")
        replace_on_change(self, resource, resource.ref, lambda: replacing)

    @staticmethod
    def from_model_package_arn(scope: Construct, id: str, model_package_arn: str) -> IModelPackage:  # noqa: A002
        """Refer to a package that exists, in this account or another.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package_arn: Its ARN; that of a version ends in its number.

        Raises:
            ValidationError: If it is not the ARN of a package.
        """
        problems = Problems(lambda: f"Import below '{scope.node.path}'")
        problems.matches(
            "model_package_arn",
            model_package_arn,
            r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:(\d{12}|aws):model-package/[a-zA-Z0-9](-*[a-zA-Z0-9])*(/\d+)?",
            "arn:aws:sagemaker:REGION:ACCOUNT:model-package/NAME or .../NAME/VERSION",
        )
        problems.raise_if_any()
        return _ImportedModelPackage(scope, id, model_package_arn)

    @staticmethod
    def from_model_package_version(
        scope: Construct,
        id: str,  # noqa: A002
        *,
        model_package_group: IModelPackageGroup,
        version: int,
    ) -> IModelPackage:
        """Refer to a version that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package_group: Its group, in this account or another.
            version: Its number, at least 1.

        Raises:
            ValidationError: If there is no such number.
        """
        problems = Problems(lambda: f"Import below '{scope.node.path}'")
        problems.between("version", version, 1, None, "(the first version)")
        problems.raise_if_any()
        arn = versions_arn(model_package_group.model_package_group_arn, str(version))
        return _ImportedModelPackage(scope, id, arn)

    @property
    def model_package_arn(self) -> str:
        """ARN of the package; that of a version ends in its number."""
        return self._resource.attr_model_package_arn

    @property
    def approval_status(self) -> ApprovalStatus | None:
        """Whether it may be deployed, as this app says; ``None`` for an unversioned one."""
        return self._approval_status

    @property
    def model(self) -> Model | None:
        """The model that it registers; ``None`` if it is made of an algorithm."""
        return self._model


class _ImportedModelPackage(cdk.Resource):
    approval_status = None
    model = None

    def __init__(self, scope: Construct, id: str, arn: str) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=arn)
        self.model_package_arn = arn


def versions_arn(group_arn: str, version: str) -> str:
    """Return the ARN of versions of a group, tokens included.

    Args:
        group_arn: ARN of the group.
        version: A number, or ``*`` for all.
    """
    before, name = (cdk.Fn.select(index, cdk.Fn.split(":model-package-group/", group_arn)) for index in (0, 1))
    return f"{before}:model-package/{name}/{version}"
