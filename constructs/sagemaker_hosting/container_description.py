"""What the model registry is told of a container beyond what runs in it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.environment_variables import check_environment
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_INPUT = 16384


class ModelFramework(enum.Enum):
    """Machine learning frameworks by the names that SageMaker gives them.

    Inference Recommender knows ``TENSORFLOW``, ``PYTORCH``, ``XGBOOST`` and ``SCIKIT_LEARN``; the others are those of
    SageMaker Neo.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RecommendationJobContainerConfig.html
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html
    """

    TENSORFLOW = "TENSORFLOW"
    PYTORCH = "PYTORCH"
    XGBOOST = "XGBOOST"
    SCIKIT_LEARN = "SAGEMAKER-SCIKIT-LEARN"
    KERAS = "KERAS"
    MXNET = "MXNET"
    ONNX = "ONNX"
    TFLITE = "TFLITE"
    DARKNET = "DARKNET"
    SKLEARN = "SKLEARN"


@dataclass(frozen=True, kw_only=True)
class ContainerDescription:
    """A container of a model, as Inference Recommender and SageMaker Neo need to know it.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html

    Args:
        framework: What the model was made with. A name that is not in ``ModelFramework`` is given as text.
        framework_version: Its version, such as ``1.7.1``: a digit, a dot, and letters, digits, dots and hyphens, 3 to
            10 characters.
        nearest_model_name: The model of a public model zoo that comes closest, such as ``resnet18``.
            Inference Recommender lists those that it has measured as ``ListModelMetadata``.
        data_input_configuration: Names and shapes of the inputs as SageMaker Neo wants them, such as
            ``[[1,3,256,256]]`` for PyTorch or ``{"data":[1,3,224,224]}`` for MXNet; 1 to 16,384 characters.
        environment: Environment variables of the container when it runs from the registry, at most 100. Without it,
            those that it has in the model.
        image_digest: ``sha256:`` and 64 hexadecimal digits. Without it, SageMaker looks up what the image's tag means.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    framework: ModelFramework | str | None = None
    framework_version: str | None = None
    nearest_model_name: str | None = None
    data_input_configuration: str | None = None
    environment: Mapping[str, str] | None = None
    image_digest: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("ContainerDescription")
        problems.matches(
            "framework_version",
            self.framework_version,
            r"(?=.{3,10}$)[0-9]\.[A-Za-z0-9.-]+",
            "a digit, a dot, and letters, digits, dots and hyphens, 3 to 10 characters",
        )
        problems.length("data_input_configuration", self.data_input_configuration, 1, _LONGEST_INPUT)
        problems.matches(
            "image_digest",
            self.image_digest,
            r"[Ss][Hh][Aa]256:[0-9a-fA-F]{64}",
            "sha256: and 64 hexadecimal digits",
        )
        check_environment(problems, self.environment)
        problems.raise_if_any()

    @property
    def framework_name(self) -> str | None:
        """The framework as it stands in a request."""
        return self.framework.value if isinstance(self.framework, ModelFramework) else self.framework
