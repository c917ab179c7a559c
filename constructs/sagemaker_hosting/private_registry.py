"""A container registry inside a VPC."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker


@dataclass(frozen=True, kw_only=True)
class PrivateRegistry:
    """A registry that SageMaker reaches through the VPC of the model.

    Attributes:
        credentials_provider_arn: ARN of the function that knows user and password; ``None`` if there are none.
    """

    credentials_provider_arn: str | None

    def render(self) -> sagemaker.CfnModel.ImageConfigProperty:
        """Describe the registry to CloudFormation."""
        return sagemaker.CfnModel.ImageConfigProperty(
            repository_access_mode="Vpc",
            repository_auth_config=None
            if self.credentials_provider_arn is None
            else sagemaker.CfnModel.RepositoryAuthConfigProperty(
                repository_credentials_provider_arn=self.credentials_provider_arn
            ),
        )
