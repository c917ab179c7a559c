"""What the model that an algorithm trains runs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.inference_description import check_inference
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sagemaker_hosting.container_description import ContainerDescription
    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.instance_type import InstanceType


@dataclass(frozen=True, kw_only=True)
class AlgorithmInference:
    """The container that answers requests with what training wrote.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html

    Args:
        supported_content_types: MIME types that the container accepts, at least one.
        supported_response_types: MIME types that it answers, at least one.
        supported_realtime_inference_instance_types: Types on which it can be hosted, at least one.
        supported_transform_instance_types: Types on which it can run batch transform jobs, at least one.
        container_description: What is known of the container: framework, version and so on, and its environment.
        image: What it runs. Without it, the image that trains.

    Raises:
        ValidationError: If a list is empty, or a value is outside these limits.
    """

    supported_content_types: Sequence[str]
    supported_response_types: Sequence[str]
    supported_realtime_inference_instance_types: Sequence[InstanceType]
    supported_transform_instance_types: Sequence[InstanceType]
    container_description: ContainerDescription | None = None
    image: ContainerImage | None = None

    def __post_init__(self) -> None:
        problems = Problems("AlgorithmInference")
        for name, values in (
            ("supported_content_types", self.supported_content_types),
            ("supported_response_types", self.supported_response_types),
            ("supported_realtime_inference_instance_types", self.supported_realtime_inference_instance_types),
            ("supported_transform_instance_types", self.supported_transform_instance_types),
        ):
            problems.check(bool(values), f"{name} must hold at least one type, got none")
        check_inference(
            problems,
            container_count=1,
            container_descriptions=(),
            content_types=self.supported_content_types,
            response_types=self.supported_response_types,
            transform_instance_types=self.supported_transform_instance_types,
        )
        problems.raise_if_any()
