"""One container of a model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.model_data import ModelData, ModelDataConfig

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

    Raises:
        ValidationError: If a name or value is outside these limits.
    """

    image: ContainerImage
    container_hostname: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    model_data: ModelData | None = None

    def __post_init__(self) -> None:
        problems = Problems("ContainerDefinition")
        problems.matches("container_hostname", self.container_hostname, NAME_PATTERN, NAME_ALLOWED)
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
    """

    image_name: str
    container_hostname: str | None
    environment: Mapping[str, str]
    model_data: ModelDataConfig | None

    def render(self, *, as_url: bool) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """Describe the container to CloudFormation.

        Args:
            as_url: Whether model data is named by ``ModelDataUrl`` instead of ``ModelDataSource``.
        """
        data = self.model_data
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            image=self.image_name,
            container_hostname=self.container_hostname,
            environment=self.environment or None,
            model_data_url=data.uri if data is not None and as_url else None,
            model_data_source=None
            if data is None or as_url
            else sagemaker.CfnModel.ModelDataSourceProperty(
                s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                    s3_uri=data.uri, s3_data_type=data.data_type, compression_type=data.compression
                )
            ),
        )


def check_environment(problems: Problems, environment: Mapping[str, str]) -> None:
    """Record environment variables that SageMaker refuses.

    Args:
        problems: Where to record.
        environment: The variables.
    """
    problems.check(
        len(environment) <= _MOST_VARIABLES,
        f"environment must hold at most {_MOST_VARIABLES} variables, got {len(environment)}",
    )
    for name, value in environment.items():
        _check_variable(problems, name, value)


def _check_variable(problems: Problems, name: str, value: object) -> None:
    if not cdk.Token.is_unresolved(name):
        problems.check(
            re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,1023}", name) is not None,
            "environment names must be letters, digits and underscores, not beginning with a digit, of at most "
            f"{_LONGEST_TEXT} characters, got {name!r}",
        )
    if not isinstance(value, str):
        problems.add(f"environment[{name!r}] must be text, got {value!r}")
    elif not cdk.Token.is_unresolved(value) and len(value) > _LONGEST_TEXT:
        problems.add(f"environment[{name!r}] must have at most {_LONGEST_TEXT} characters, got {len(value)}")
