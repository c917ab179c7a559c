"""A container of a model that the registry describes."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.container_definition import BoundContainer


@dataclass(frozen=True, kw_only=True)
class PackagedContainer(BoundContainer):
    """All containers of a model package; image and data stand there and not here.

    Attributes:
        model_package_arn: ARN of the package.
    """

    model_package_arn: str

    def render(self, *, as_url: bool) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """Describe the package to CloudFormation.

        Args:
            as_url: Of no meaning here: the package says where its data lies.
        """
        del as_url
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            container_hostname=self.container_hostname,
            environment=self.environment or None,
            model_package_name=self.model_package_arn,
        )
