"""The VPC that a job's containers are connected to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_ec2 as ec2

from sagemaker_hosting.hosting_network import connecting, select_subnets
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

_MOST_GROUPS = 5
_MOST_SUBNETS = 16


@dataclass(frozen=True, kw_only=True)
class JobNetwork:
    """Subnets and security groups.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html

    Args:
        vpc: The VPC. Its private subnets with a way out are used unless ``subnets`` says otherwise, at most 16.
        security_groups: 1 to 5 security groups. Without them, one is made that lets everything out and nothing in.
        subnets: Which subnets of the VPC. A job needs a way to Amazon S3: a NAT gateway, or an endpoint in the VPC.

    Raises:
        ValidationError: If there are too many of either.
    """

    vpc: ec2.IVpc
    security_groups: Sequence[ec2.ISecurityGroup] = ()
    subnets: ec2.SubnetSelection | None = None

    def __post_init__(self) -> None:
        problems = Problems("JobNetwork")
        problems.between("security_groups", len(self.security_groups), 0, _MOST_GROUPS, "groups")
        problems.between("subnets", len(self._subnet_ids()), 1, _MOST_SUBNETS, "subnets")
        problems.raise_if_any()

    def bind(self, scope: Construct, policy: iam.Policy) -> dict[str, Any]:
        """Describe it to SageMaker, and let the roles of ``policy`` connect to it.

        Args:
            scope: Where a security group is created, if none was given.
            policy: The policy of the job.
        """
        allow(
            policy,
            [connecting("The network interfaces of a job exist only while it runs, and describing takes no resource.")],
        )
        groups = self.security_groups or [
            ec2.SecurityGroup(scope, "SecurityGroup", vpc=self.vpc, description=f"Jobs of {scope.node.path}")
        ]
        return {"SecurityGroupIds": [group.security_group_id for group in groups], "Subnets": self._subnet_ids()}

    def _subnet_ids(self) -> list[str]:
        return select_subnets(self.vpc, self.subnets).subnet_ids
