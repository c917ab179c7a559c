"""The container of an inference component that has no model of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.environment_variables import check_environment
from sagemaker_hosting.metrics_publishing import check_frequency
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.instance_type import Architecture
    from sagemaker_hosting.model_data import ModelData
    from sagemaker_hosting.permission import Permission

_PATH = r"/(?!.*\.\.)[a-zA-Z0-9/_.-]{1,255}"


@dataclass(frozen=True, kw_only=True)
class ComponentContainer:
    """An image, what SageMaker puts into ``/opt/ml/model``, and the environment.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentContainerSpecification.html

    Args:
        artifact: An archive: the model, or the adapter of a component that adapts another. Without it, the image brings
            its model along.
        environment: Environment variables, as of a ``ContainerDefinition``.
        image: What runs. An adapter has none: it runs in the container of its base component.
        metrics_frequency: Time between two points of the container's own metrics: 10, 30, 60, 120, 180, 240 or 300
            seconds. Without it, 60 seconds.
        metrics_path: Path at which the container shows them in the format of Prometheus, such as ``/metrics``: at most
            256 letters, digits, slashes, underscores, hyphens and full stops, without ``..``. Without it, SageMaker
            looks at ``/metrics``.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    artifact: ModelData | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    image: ContainerImage | None = None
    metrics_frequency: cdk.Duration | None = None
    metrics_path: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("ComponentContainer")
        problems.check(
            self.artifact is not None or self.image is not None, "image or artifact must be given, got neither"
        )
        check_environment(problems, self.environment)
        check_frequency(problems, self.metrics_frequency)
        problems.matches("metrics_path", self.metrics_path, _PATH, "a path such as '/metrics', without '..'")
        problems.check(
            self.metrics_frequency is None or self.metrics_path is not None,
            "metrics_path must be given together with metrics_frequency",
        )
        problems.raise_if_any()

    def bind(self, scope: Construct, rights: ComponentRights) -> dict[str, Any]:
        """Make image and artifact available, and name the arguments of either container property of CloudFormation.

        Args:
            scope: Where constructs are created.
            rights: What the role of the component may do.

        Raises:
            ValidationError: If the artifact is not an archive.
        """
        image = None if self.image is None else self.image.bind(scope, rights)
        artifact = None if self.artifact is None else self.artifact.bind(scope, rights)
        rights.allow(
            [*([] if image is None else image.permissions), *([] if artifact is None else artifact.permissions)]
        )
        problems = Problems(lambda: f"ComponentContainer of '{scope.node.path}'")
        problems.check(
            artifact is None or artifact.data_type == "S3Object",
            "artifact must be an archive, got a prefix; use ModelData.from_bucket",
        )
        problems.raise_if_any()
        return {
            "artifact_url": None if artifact is None else artifact.uri,
            "container_metrics_config": None if self.metrics_path is None else self._metrics(self.metrics_path),
            "environment": {**({} if image is None else image.environment), **self.environment} or None,
            "image": None if image is None else image.image_name,
        }

    def _metrics(self, path: str) -> sagemaker.CfnInferenceComponent.ContainerMetricsConfigProperty:
        return sagemaker.CfnInferenceComponent.ContainerMetricsConfigProperty(
            metrics_endpoints=[
                sagemaker.CfnInferenceComponent.MetricsEndpointProperty(
                    metrics_endpoint_path=path,
                    metric_publish_frequency_in_seconds=to_seconds(self.metrics_frequency),
                )
            ]
        )


@dataclass(frozen=True, kw_only=True)
class ComponentRights:
    """What images and artifacts ask of a model, asked of an inference component.

    Attributes:
        image_architecture: What images that are built with the app are built for.
        policy: The policy of the endpoint's role; ``None`` if the role is not known here, and has to have the rights
            already.
    """

    image_architecture: Architecture
    policy: iam.Policy | None

    def allow(self, permissions: Sequence[Permission]) -> None:
        """Let the role do what an image or an artifact needs."""
        if self.policy is not None:
            allow(self.policy, permissions)
