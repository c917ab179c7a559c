"""What an inference component runs, and what a copy of it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.durations import to_seconds
from sagemaker_hosting.limits import check_duration
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import Construct

    from sagemaker_hosting.component_container import ComponentContainer, ComponentRights
    from sagemaker_hosting.component_placement import ComponentPlacement
    from sagemaker_hosting.compute_requirements import ComputeRequirements
    from sagemaker_hosting.model import IModel

_STARTUP = "InferenceComponent.InferenceComponentStartupParameters"


@dataclass(frozen=True, kw_only=True)
class ComponentSpecification:
    """A model or a container, and the share of an instance that a copy of it takes.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentSpecification.html

    Args:
        compute: What a copy takes of an instance. Needed by all but adapters, which use what their base component has.
        container: An image and an archive. Excludes ``model``. Of an adapter, the archive alone.
        container_startup_health_check_timeout: How long a container may take from its start until it passes the health
            check, 60 seconds to 1 hour. Without it, SageMaker's own limit holds.
        data_caching: Whether instances keep image and artifact, so that the next copy starts sooner. Without it,
            SageMaker decides by the instance type.
        model: The model to host, with all its containers: the role of the endpoint gets the rights that it has by now.
        model_data_download_timeout: How long fetching and extracting the model data may take, 60 seconds to 1 hour.
            Without it, SageMaker's own limit holds.
        placement: Where copies go. Without it, SageMaker decides.

    Raises:
        ValidationError: If a value is outside these limits, or there are both a model and a container, or neither.
    """

    compute: ComputeRequirements | None = None
    container: ComponentContainer | None = None
    container_startup_health_check_timeout: cdk.Duration | None = None
    data_caching: bool | None = None
    model: IModel | None = None
    model_data_download_timeout: cdk.Duration | None = None
    placement: ComponentPlacement | None = None

    def __post_init__(self) -> None:
        problems = Problems("ComponentSpecification")
        problems.check(
            (self.model is None) is not (self.container is None),
            "model or container must be given, and only one of them",
        )
        check_duration(
            problems,
            "container_startup_health_check_timeout",
            self.container_startup_health_check_timeout,
            f"{_STARTUP}.ContainerStartupHealthCheckTimeoutInSeconds",
        )
        check_duration(
            problems,
            "model_data_download_timeout",
            self.model_data_download_timeout,
            f"{_STARTUP}.ModelDataDownloadTimeoutInSeconds",
        )
        problems.raise_if_any()

    def check(self, problems: Problems, *, is_adapter: bool) -> None:
        """Record what an adapter, or a component that is none, must have or must not have.

        Args:
            problems: Where to record.
            is_adapter: Whether it adapts a base component.
        """
        has_image = self.container is not None and self.container.image is not None
        if is_adapter:
            problems.check(self.compute is None, "compute must not be given for an adapter: it uses that of its base")
            problems.check(self.model is None, "model must not be given for an adapter: it has an artifact alone")
            problems.check(
                not has_image, "image must not be given for an adapter: it runs in the container of its base"
            )
        else:
            problems.check(self.compute is not None, "compute must be given, got none: SageMaker places copies by it")
            problems.check(self.container is None or has_image, "image must be given for the container, got none")

    def bind(self, scope: Construct, rights: ComponentRights) -> dict[str, Any]:
        """Make the container available, and name the arguments of either specification of CloudFormation.

        Args:
            scope: Where constructs are created.
            rights: What the role of the component may do.

        Returns:
            All arguments but ``container``, whose kind differs; under that name, the arguments of the container.
        """
        times = (self.container_startup_health_check_timeout, self.model_data_download_timeout)
        startup = sagemaker.CfnInferenceComponent.InferenceComponentStartupParametersProperty(
            container_startup_health_check_timeout_in_seconds=to_seconds(times[0]),
            model_data_download_timeout_in_seconds=to_seconds(times[1]),
        )
        return {
            "compute_resource_requirements": None if self.compute is None else self.compute.render(),
            "container": None if self.container is None else self.container.bind(scope, rights),
            "data_cache_config": None
            if self.data_caching is None
            else sagemaker.CfnInferenceComponent.InferenceComponentDataCacheConfigProperty(
                enable_caching=self.data_caching
            ),
            "model_name": None if self.model is None else self.model.model_name,
            "scheduling_config": None if self.placement is None else self.placement.render(),
            "startup_parameters": None if times == (None, None) else startup,
        }
