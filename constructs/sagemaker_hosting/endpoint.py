"""A SageMaker Endpoint: what callers invoke."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Protocol

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from constructs import Construct

    from sagemaker_hosting.endpoint_config import IEndpointConfig


class IEndpoint(Protocol):
    """An endpoint, made here or imported."""

    @property
    def endpoint_name(self) -> str:
        """Name of the endpoint."""

    @property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""

    @property
    def endpoint_config(self) -> IEndpointConfig | None:
        """The variants that answer; ``None`` for an imported endpoint."""

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Let ``grantee`` do ``actions`` with this endpoint."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask this endpoint for predictions, whole or streamed."""


class _EndpointBase(cdk.Resource):
    @property
    @abc.abstractmethod
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Let ``grantee`` do ``actions`` with this endpoint.

        Args:
            grantee: A role, a function, a user.
            actions: IAM actions with their ``sagemaker:`` prefix.
        """
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.endpoint_arn])

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask this endpoint for predictions, whole or streamed.

        Args:
            grantee: A role, a function, a user.
        """
        return self.grant(grantee, "sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")


class Endpoint(_EndpointBase):
    """An endpoint. A changed configuration updates it in place: it keeps its name and goes on answering."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint_config: IEndpointConfig,
        endpoint_name: str | None = None,
    ) -> None:
        """Create the endpoint.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_config: The variants that answer.
            endpoint_name: Physical name. Without it, CloudFormation makes one.

        Raises:
            ValidationError: If the name is not valid.
        """
        super().__init__(scope, id, physical_name=endpoint_name)
        problems = Problems(f"Endpoint '{self.node.path}'")
        problems.matches("endpoint_name", endpoint_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        self._endpoint_config = endpoint_config
        self._resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_config_name=endpoint_config.endpoint_config_name,
            endpoint_name=endpoint_name,
        )

    @staticmethod
    def from_endpoint_name(scope: Construct, id: str, endpoint_name: str) -> IEndpoint:  # noqa: A002
        """Refer to an endpoint that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_name: Its name.
        """
        return _ImportedEndpoint(scope, id, endpoint_name)

    @property
    def endpoint_name(self) -> str:
        """Name of the endpoint."""
        return self._resource.attr_endpoint_name

    @property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""
        return self._resource.ref

    @property
    def endpoint_config(self) -> IEndpointConfig:
        """The variants that answer."""
        return self._endpoint_config


class _ImportedEndpoint(_EndpointBase):
    endpoint_config = None

    def __init__(self, scope: Construct, id: str, endpoint_name: str) -> None:  # noqa: A002
        super().__init__(scope, id)
        self.endpoint_name = endpoint_name

    @property
    def endpoint_arn(self) -> str:
        # The service writes the name in lower case into the ARN.
        name = self.endpoint_name
        name = name if cdk.Token.is_unresolved(name) else name.lower()
        return self.stack.format_arn(service="sagemaker", resource="endpoint", resource_name=name)
