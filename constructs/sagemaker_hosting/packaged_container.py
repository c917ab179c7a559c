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
        inference_specification_name: Which of its ways to run, if not the main one.
    """

    model_package_arn: str
    inference_specification_name: str | None = None

    def render(self, *, as_url: bool) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """Describe the package to CloudFormation.

        Args:
            as_url: Of no meaning here: the package says where its data lies.
        """
        del as_url
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            container_hostname=self.container_hostname,
            environment=self.environment or None,
            inference_specification_name=self.inference_specification_name,
            model_package_name=self.model_package_arn,
        )
