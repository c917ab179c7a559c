"""Makes what a training job wrote a version in the model registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from sagemaker_hosting.given import given
from sagemaker_hosting.model_package_group import group_reference, is_elsewhere
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems
from sagemaker_hosting.version_labels import ApprovalStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from sagemaker_hosting.model_package_group import IModelPackageGroup
    from sagemaker_hosting.sample_payloads import SamplePayloads
    from sagemaker_hosting.version_labels import ModelDomain, ModelTask

_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, kw_only=True)
class ModelRegistration:
    """A new version for every training job that succeeds, served by the image that trained it.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

    Args:
        model_package_group: The group that numbers the versions; one of another account has to be open to this one by
            ``grant_register``, and its account has to be able to read what is registered.
        payloads: Requests for the model: their MIME types are what it accepts and answers, their bodies the sample
            payload of Inference Recommender.
        approval_status: Whether the versions may be deployed. Without it, somebody has to say so.
        description: What the versions are, at most 1,024 characters.
        domain: What kind of data the model works on, for Inference Recommender.
        environment: Environment variables of the container that serves.
        task: What the model does, for Inference Recommender.

    Raises:
        ValidationError: If the description is too long.
    """

    model_package_group: IModelPackageGroup
    payloads: SamplePayloads
    approval_status: ApprovalStatus = ApprovalStatus.PENDING_MANUAL_APPROVAL
    description: str | None = None
    domain: ModelDomain | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    task: ModelTask | None = None

    def __post_init__(self) -> None:
        problems = Problems("ModelRegistration")
        length = len(self.description or "")
        problems.between("the length of description", length, 0, _LONGEST_DESCRIPTION, "characters")
        problems.raise_if_any()

    def render(self, scope: Construct, *, image: str, artifacts_path: str, job_path: str) -> dict[str, Any]:
        """Describe the version to ``CreateModelPackage``, and upload the sample payload.

        Args:
            scope: Where the asset is created.
            image: URI of the image.
            artifacts_path: Path in the state of an execution where the URI of the trained model is found.
            job_path: Path of the job's name.
        """
        optional = {
            "Domain": None if self.domain is None else self.domain.value,
            "ModelPackageDescription": self.description,
            "Task": None if self.task is None else self.task.value,
        }
        container: dict[str, Any] = {"Image": image, "ModelDataUrl.$": artifacts_path}
        if self.environment:
            container["Environment"] = dict(self.environment)
        return {
            "CustomerMetadataProperties": {"TrainingJobName.$": job_path},
            "InferenceSpecification": {
                "Containers": [container],
                "SupportedContentTypes": list(self.payloads.content_types),
                "SupportedResponseMIMETypes": list(self.payloads.response_types),
            },
            "ModelApprovalStatus": self.approval_status.value,
            "ModelPackageGroupName": group_reference(scope, self.model_package_group),
            "SamplePayloadUrl": self.payloads.bind_bodies(scope).uri,
            **given(optional),
        }

    def versions_arn(self, scope: Construct) -> str:
        """ARN that covers every version of the group and nothing else.

        Args:
            scope: A construct of the stack that registers.
        """
        group = self.model_package_group
        if is_elsewhere(scope, group):
            return group.model_package_group_arn.replace(":model-package-group/", ":model-package/") + "/*"
        name = group.model_package_group_name
        return cdk.Stack.of(scope).format_arn(
            service="sagemaker",
            resource="model-package",
            resource_name=f"{name if is_token(name) else name.lower()}/*",
        )
