"""What a model package says of the inference that it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.given import given
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sagemaker_hosting.container_definition import BoundContainer
    from sagemaker_hosting.container_description import ContainerDescription
    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.model import Model
    from sagemaker_hosting.model_data import ModelDataConfig

_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, kw_only=True)
class AdditionalInference:
    """A further way to run the same model: other containers, such as those for artifacts that Neo compiled.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AdditionalInferenceSpecificationDefinition.html

    Args:
        name: Name among the ways of the package: 1 to 63 letters, digits and hyphens.
        model: Whose containers they are.
        container_descriptions: What is known of each container, in the order of the pipeline. Without it, no more than
            what runs in it.
        description: What it is for, at most 1,024 characters.
        supported_content_types: MIME types that the containers accept. Without it, those of the package.
        supported_response_types: MIME types that the containers answer. Without it, those of the package.
        supported_realtime_inference_instance_types: Types on which it can be hosted. Without it, any.
        supported_transform_instance_types: Types on which it can run batch transform jobs. Without it, any.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    name: str
    model: Model
    container_descriptions: Sequence[ContainerDescription] = ()
    description: str | None = None
    supported_content_types: Sequence[str] = ()
    supported_response_types: Sequence[str] = ()
    supported_realtime_inference_instance_types: Sequence[InstanceType] = ()
    supported_transform_instance_types: Sequence[InstanceType] = ()

    def __post_init__(self) -> None:
        problems = Problems("AdditionalInference")
        problems.matches("name", self.name, NAME_PATTERN, NAME_ALLOWED)
        problems.length("description", self.description, 0, _LONGEST_DESCRIPTION)
        check_inference(
            problems,
            container_count=len(self.model.containers),
            container_descriptions=self.container_descriptions,
            content_types=self.supported_content_types,
            response_types=self.supported_response_types,
            transform_instance_types=self.supported_transform_instance_types,
        )
        problems.raise_if_any()

    def describe(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return given(
            {
                "Name": self.name,
                "Description": self.description,
                **describe_inference(
                    containers=self.model.containers,
                    container_descriptions=self.container_descriptions,
                    content_types=self.supported_content_types,
                    response_types=self.supported_response_types,
                    realtime_instance_types=self.supported_realtime_inference_instance_types,
                    transform_instance_types=self.supported_transform_instance_types,
                ),
            }
        )


def check_inference(
    problems: Problems,
    *,
    container_count: int,
    container_descriptions: Sequence[ContainerDescription],
    content_types: Sequence[str],
    response_types: Sequence[str],
    transform_instance_types: Sequence[InstanceType],
) -> None:
    """Record what SageMaker refuses in an inference specification.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html
    """
    problems.check(
        len(container_descriptions) in (0, container_count),
        f"container_descriptions must be one for each of the {container_count} containers of the model, "
        f"got {len(container_descriptions)}",
    )
    for one in content_types:
        problems.matches("supported_content_types", one, r".{1,256}", "types of 1 to 256 characters")
    for one in response_types:
        problems.matches(
            "supported_response_types",
            one,
            r"(?=.{1,1024}$)[-\w]+/.+",
            "types such as text/csv, of at most 1024 characters",
        )
    check_offered(problems, "supported_transform_instance_types", transform_instance_types, "transform")


def describe_inference(
    *,
    containers: Sequence[BoundContainer],
    container_descriptions: Sequence[ContainerDescription],
    content_types: Sequence[str],
    response_types: Sequence[str],
    realtime_instance_types: Sequence[InstanceType],
    transform_instance_types: Sequence[InstanceType],
) -> dict[str, Any]:
    """Return an inference specification as the API takes it."""
    descriptions: Sequence[ContainerDescription | None] = container_descriptions or [None] * len(containers)
    return given(
        {
            "Containers": [
                _describe_container(container, description)
                for container, description in zip(containers, descriptions, strict=True)
            ],
            "SupportedContentTypes": list(content_types) or None,
            "SupportedRealtimeInferenceInstanceTypes": [one.to_string() for one in realtime_instance_types] or None,
            "SupportedResponseMIMETypes": list(response_types) or None,
            "SupportedTransformInstanceTypes": [one.to_string() for one in transform_instance_types] or None,
        }
    )


def _describe_data(data: ModelDataConfig) -> dict[str, Any]:
    # A URL where it says all: batch transform jobs, with which packages are validated, and AWS Marketplace take nothing
    # else. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
    if data.is_an_archive:
        return {"ModelDataUrl": data.uri}
    source = {"S3Uri": data.uri, "S3DataType": data.data_type, "CompressionType": data.compression}
    access = {} if data.accept_eula is None else {"ModelAccessConfig": {"AcceptEula": data.accept_eula}}
    return {"ModelDataSource": {"S3DataSource": {**source, **access}}}


def _describe_container(container: BoundContainer, description: ContainerDescription | None) -> dict[str, Any]:
    data = container.model_data
    described: dict[str, Any] = {
        "Image": container.image_name,
        "ContainerHostname": container.container_hostname,
        "Environment": dict(container.environment) or None,
        **({} if data is None else _describe_data(data)),
    }
    if description is not None:
        described |= {
            "Framework": description.framework_name,
            "FrameworkVersion": description.framework_version,
            "ImageDigest": description.image_digest,
            "ModelInput": None
            if description.data_input_configuration is None
            else {"DataInputConfig": description.data_input_configuration},
            "NearestModelName": description.nearest_model_name,
        }
        if description.environment is not None:
            described["Environment"] = dict(description.environment) or None
    return given(described)
