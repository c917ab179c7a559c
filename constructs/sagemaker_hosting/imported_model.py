"""A model that is not made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from sagemaker_hosting.validation import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from sagemaker_hosting.resource_arn import ResourceArn


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class ImportedModel(cdk.Resource):
    """A model that exists, known by its name, and by its role and security groups if they are given."""

    architecture = None

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        named: ResourceArn,
        *,
        role: iam.IRole | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> None:
        """Refer to the model.

        Args:
            scope: Parent.
            id: Id below the parent.
            named: Its ARN and name.
            role: Its role; ``None`` if that is not known here.
            security_groups: Its security groups; ``None`` if they are not known here.
        """
        super().__init__(scope, id, environment_from_arn=named.arn)
        self.model_arn = named.arn
        self.model_name = named.name
        self.role = role
        self._connections = None if security_groups is None else ec2.Connections(security_groups=list(security_groups))

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """As of ``IModel``."""
        if self.role is None:
            return iam.UnknownPrincipal(resource=self).grant_principal
        return self.role.grant_principal

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> ec2.Connections:
        """As of ``IModel``."""
        if self._connections is None:
            owner = f"Model '{self.node.path}'"
            raise ValidationError(owner, ["security_groups must be given to manage connections, got none"])
        return self._connections

    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """As of ``IModel``."""
        if self.role is not None:
            self.role.add_to_principal_policy(statement)

    def use_model_data_url(self, *, serverless: bool = False) -> None:
        """As of ``IModel``."""
