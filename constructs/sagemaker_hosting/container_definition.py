"""One container of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.container_mode import ContainerMode
from sagemaker_hosting.environment_variables import check_environment
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.model_data import ModelData, ModelDataConfig
    from sagemaker_hosting.permission import Permission
    from sagemaker_hosting.private_registry import PrivateRegistry

_MOST_VARIABLES = 100
_LONGEST_TEXT = 1024


@dataclass(frozen=True, kw_only=True)
class ContainerDefinition:
    """A container: its image, its model data and its environment.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html

    Args:
        image: The image to run.
        container_hostname: DNS name of the container inside the endpoint, 1 to 63 letters, digits and hyphens. Without
            it, SageMaker chooses one.
        environment: Environment variables, at most 100; names are letters, digits and underscores and do not begin with
            a digit; names and values have at most 1,024 characters. No place for secrets: they are readable in the
            console.
        model_data: What SageMaker puts into ``/opt/ml/model``. Without it, the directory is empty.
        mode: How many models the container serves. Without it, one.
        model_caching: Whether a container of many models keeps them loaded; a model that is invoked seldom is better
            not kept. Without it, it does.

    Raises:
        ValidationError: If a name or value is outside these limits, many models have no data, or ``model_caching`` is
            given for a single one.
    """

    image: ContainerImage
    container_hostname: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    model_data: ModelData | None = None
    mode: ContainerMode | None = None
    model_caching: bool | None = None

    def __post_init__(self) -> None:
        problems = Problems("ContainerDefinition")
        problems.matches("container_hostname", self.container_hostname, NAME_PATTERN, NAME_ALLOWED)
        is_multi_model = self.mode is ContainerMode.MULTI_MODEL
        problems.check(
            not is_multi_model or self.model_data is not None,
            "model_data must be given for ContainerMode.MULTI_MODEL, got none; use ModelData.from_prefix",
        )
        problems.check(
            is_multi_model or self.model_caching is None,
            "model_caching must be given for ContainerMode.MULTI_MODEL only",
        )
        check_environment(problems, self.environment)
        problems.raise_if_any()


@dataclass(frozen=True, kw_only=True)
class BoundContainer:
    """A container whose image and data have been made available to a model.

    Attributes:
        image_name: URI of the image, with its tag or digest.
        container_hostname: DNS name inside the endpoint, if one was given.
        environment: Environment variables.
        model_data: Where the data lies, if there is any.
        mode: How many models it serves, if that was given.
        model_caching: Whether many models stay loaded, if that was given.
        permissions: What the role needs to pull the image and to read the data.
        registry: The registry of the image, if it is not Amazon ECR.
    """

    image_name: str
    container_hostname: str | None
    environment: Mapping[str, str]
    model_data: ModelDataConfig | None
    mode: ContainerMode | None = None
    model_caching: bool | None = None
    permissions: Sequence[Permission] = ()
    registry: PrivateRegistry | None = None

    @property
    def is_multi_model(self) -> bool:
        """Whether it serves many models."""
        return self.mode is ContainerMode.MULTI_MODEL

    def render(self, *, as_url: bool) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """Describe the container to CloudFormation.

        Args:
            as_url: Whether model data is named by ``ModelDataUrl`` instead of ``ModelDataSource``, as it always is for
                many models.
        """
        data = self.model_data
        as_url = as_url or self.is_multi_model
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            image=self.image_name,
            container_hostname=self.container_hostname,
            environment=self.environment or None,
            image_config=None if self.registry is None else self.registry.render(),
            mode=None if self.mode is None else self.mode.value,
            multi_model_config=None
            if self.model_caching is None
            else sagemaker.CfnModel.MultiModelConfigProperty(
                model_cache_setting="Enabled" if self.model_caching else "Disabled"
            ),
            model_data_url=data.uri if data is not None and as_url else None,
            model_data_source=None
            if data is None or as_url
            else sagemaker.CfnModel.ModelDataSourceProperty(
                s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                    s3_uri=data.uri,
                    hub_access_config=None
                    if data.hub_content_arn is None
                    else sagemaker.CfnModel.HubAccessConfigProperty(hub_content_arn=data.hub_content_arn),
                    s3_data_type=data.data_type,
                    compression_type=data.compression,
                    model_access_config=None
                    if data.accept_eula is None
                    else sagemaker.CfnModel.ModelAccessConfigProperty(accept_eula=data.accept_eula),
                )
            ),
        )
