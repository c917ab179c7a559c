"""A version of a model in the model registry."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.replacement import replace_on_change
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from sagemaker_hosting.container_definition import BoundContainer
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.model import Model
    from sagemaker_hosting.model_package_group import IModelPackageGroup
    from sagemaker_hosting.sample_payloads import SamplePayloads

_LONGEST_DESCRIPTION = 1024


class ApprovalStatus(enum.Enum):
    """Whether a version may be deployed."""

    PENDING_MANUAL_APPROVAL = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class ModelDomain(enum.Enum):
    """What kind of data a model works on.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """

    COMPUTER_VISION = "COMPUTER_VISION"
    NATURAL_LANGUAGE_PROCESSING = "NATURAL_LANGUAGE_PROCESSING"
    MACHINE_LEARNING = "MACHINE_LEARNING"


class ModelTask(enum.Enum):
    """What a model does.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """

    IMAGE_CLASSIFICATION = "IMAGE_CLASSIFICATION"
    OBJECT_DETECTION = "OBJECT_DETECTION"
    IMAGE_SEGMENTATION = "IMAGE_SEGMENTATION"
    TEXT_GENERATION = "TEXT_GENERATION"
    FILL_MASK = "FILL_MASK"
    CLASSIFICATION = "CLASSIFICATION"
    REGRESSION = "REGRESSION"
    OTHER = "OTHER"


class ModelPackage(cdk.Resource):
    """A version of a model: its containers, what it accepts and answers, and where it can run.

    The containers are those of the model it registers. When they change, a new version is made and the old one stays
    in the registry.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        model: Model,
        model_package_group: IModelPackageGroup,
        supported_content_types: Sequence[str],
        supported_response_types: Sequence[str],
        approval_status: ApprovalStatus = ApprovalStatus.PENDING_MANUAL_APPROVAL,
        description: str | None = None,
        domain: ModelDomain | None = None,
        task: ModelTask | None = None,
        sample_payloads: SamplePayloads | None = None,
        supported_realtime_inference_instance_types: Sequence[InstanceType] = (),
        supported_transform_instance_types: Sequence[InstanceType] = (),
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        """Create the version.

        Args:
            scope: Parent.
            id: Id below the parent.
            model: The model that is registered.
            model_package_group: The group that numbers the version.
            supported_content_types: MIME types that the containers accept, at least one.
            supported_response_types: MIME types that the containers answer, at least one.
            approval_status: Whether the version may be deployed. Without it, somebody has to say so.
            description: What this version is, at most 1,024 characters.
            domain: What kind of data the model works on; with ``task`` it lets Inference Recommender find comparable
                models.
            task: What the model does.
            sample_payloads: Requests for Inference Recommender's load test.
            supported_realtime_inference_instance_types: Types on which the model can be hosted. Without them, any.
            supported_transform_instance_types: Types on which it can run batch transform jobs. Without them, any.
            removal_policy: What happens to the version when it leaves the stack. Without it, the registry keeps it.

        Raises:
            ValidationError: If a list of MIME types is empty or the description too long.
        """
        super().__init__(scope, id)
        problems = Problems(f"ModelPackage '{self.node.path}'")
        problems.check(bool(supported_content_types), "supported_content_types must hold at least one type, got none")
        problems.check(bool(supported_response_types), "supported_response_types must hold at least one type, got none")
        problems.between("description", len(description or ""), 0, _LONGEST_DESCRIPTION, "characters")
        problems.raise_if_any()
        sample_payload_url = None if sample_payloads is None else sample_payloads.bind_bodies(self)
        specification = sagemaker.CfnModelPackage.InferenceSpecificationProperty(
            containers=[_registered(container) for container in model.containers],
            supported_content_types=list(supported_content_types),
            supported_response_mime_types=list(supported_response_types),
            supported_realtime_inference_instance_types=_names(supported_realtime_inference_instance_types),
            supported_transform_instance_types=_names(supported_transform_instance_types),
        )
        self._resource = sagemaker.CfnModelPackage(
            self,
            "Resource",
            model_package_group_name=model_package_group.model_package_group_name,
            model_package_description=description,
            model_approval_status=approval_status.value,
            domain=domain and domain.value,
            task=task and task.value,
            sample_payload_url=sample_payload_url,
            inference_specification=specification,
        )
        self._resource.node.add_dependency(model_package_group)
        self._resource.apply_removal_policy(removal_policy)
        # The rest (approval, description) is changed in place.
        replace_on_change(
            self._resource,
            lambda: {
                "Domain": domain and domain.value,
                "InferenceSpecification": specification,
                "SamplePayloadUrl": sample_payload_url,
                "Task": task and task.value,
            },
        )

    @property
    def model_package_arn(self) -> str:
        """ARN of the version; it ends in its number."""
        return self._resource.attr_model_package_arn


def _registered(container: BoundContainer) -> sagemaker.CfnModelPackage.ModelPackageContainerDefinitionProperty:
    data = container.model_data
    return sagemaker.CfnModelPackage.ModelPackageContainerDefinitionProperty(
        image=container.image_name,
        container_hostname=container.container_hostname,
        environment=container.environment or None,
        model_data_source=None
        if data is None
        else sagemaker.CfnModelPackage.ModelDataSourceProperty(
            s3_data_source=sagemaker.CfnModelPackage.S3ModelDataSourceProperty(
                s3_uri=data.uri, s3_data_type=data.data_type, compression_type=data.compression
            )
        ),
    )


def _names(types: Sequence[InstanceType]) -> list[str] | None:
    return [instance_type.to_string() for instance_type in types] or None
