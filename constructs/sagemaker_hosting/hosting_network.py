"""The network that containers reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2

from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    import constructs
    from aws_cdk import aws_iam as iam

_MOST_SECURITY_GROUPS = 5
_LEAST_SUBNETS = 2
_MOST_SUBNETS = 16
_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


class HostingNetwork:
    """Subnets of a VPC and the security groups of the interfaces that SageMaker makes in them.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html and, for two subnets at least,
    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html
    """

    def __init__(self, security_groups: Sequence[ec2.ISecurityGroup], subnet_ids: Sequence[str]) -> None:
        """Describe the network; ``create`` makes it.

        Args:
            security_groups: What filters the traffic of the containers.
            subnet_ids: Where their interfaces are.
        """
        self._security_groups = list(security_groups)
        self._subnet_ids = list(subnet_ids)
        self._connections = ec2.Connections(security_groups=self._security_groups)

    @classmethod
    def create(
        cls,
        scope: constructs.Construct,
        owner: str | Callable[[], str],
        *,
        allow_all_outbound: bool | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        vpc: ec2.IVpc | None,
        vpc_subnets: ec2.SubnetSelection | None,
    ) -> Self | None:
        """Make what a model or an endpoint for components needs; ``Model`` describes the arguments.

        Args:
            scope: The model or endpoint configuration.
            owner: What the arguments belong to, named by the error, or what finds that out.
            allow_all_outbound: See ``Model``.
            security_groups: See ``Model``.
            vpc: See ``Model``.
            vpc_subnets: See ``Model``.

        Returns:
            ``None`` without a VPC.

        Raises:
            ValidationError: If the arguments exclude each other, or are outside their limits.
        """
        problems = Problems(owner)
        if vpc is None:
            for name, value in (
                ("allow_all_outbound", allow_all_outbound),
                ("security_groups", security_groups),
                ("vpc_subnets", vpc_subnets),
            ):
                problems.check(value is None, f"{name} must not be given without vpc")
            problems.raise_if_any()
            return None
        problems.check(
            allow_all_outbound is None or security_groups is None,
            "allow_all_outbound must not be given together with security_groups, which have rules of their own",
        )
        if security_groups is not None:
            problems.between("security_groups", len(security_groups), 1, _MOST_SECURITY_GROUPS, "groups")
        selected = select_subnets(vpc, vpc_subnets)
        problems.check(
            vpc_subnets is not None or not selected.has_public,
            "vpc must have private subnets, got a VPC with public ones alone, where interfaces of SageMaker have no "
            "address outside: give vpc_subnets",
        )
        if not is_token(selected.subnet_ids):
            count = len(selected.subnet_ids)
            problems.between("vpc_subnets", count, _LEAST_SUBNETS, _MOST_SUBNETS, "subnets, in different zones")
        problems.raise_if_any()
        if security_groups is None:
            group = ec2.SecurityGroup(
                scope,
                "SecurityGroup",
                vpc=vpc,
                allow_all_outbound=allow_all_outbound,
                description=f"Containers of {scope.node.path}",
            )
            security_groups = [group]
        return cls(security_groups, selected.subnet_ids)

    @property
    def connections(self) -> ec2.Connections:
        """What may reach the containers, and what they may reach."""
        return self._connections

    def grant_to(self, scope: constructs.Construct, role: iam.IRole) -> iam.Policy:
        """Let SageMaker, in the name of ``role``, make network interfaces in the VPC.

        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms

        Args:
            scope: The model or endpoint configuration.
            role: Its role.
        """
        reason = (
            "SageMaker checks that these actions are allowed without a resource or condition before it makes a model "
            "in a VPC; the Describe actions take no resource at all."
        )
        return create_own_policy(scope, "NetworkPolicy", [role], [connecting(reason)])

    @property
    def security_group_ids(self) -> list[str]:
        """Ids of the security groups."""
        return [group.security_group_id for group in self._security_groups]

    @property
    def subnet_ids(self) -> list[str]:
        """Ids of the subnets."""
        return self._subnet_ids


def select_subnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    """Select subnets of a VPC; without a selection, those that the CDK takes."""
    if selection is None:
        return vpc.select_subnets()
    return vpc.select_subnets(
        availability_zones=selection.availability_zones,
        one_per_az=selection.one_per_az,
        subnet_filters=selection.subnet_filters,
        subnet_group_name=selection.subnet_group_name,
        subnet_type=selection.subnet_type,
        subnets=selection.subnets,
    )


def connecting(reason: str) -> Permission:
    """Return what it takes that SageMaker connects containers to a VPC.

    Args:
        reason: Why all interfaces are named.
    """
    return Permission(actions=_ACTIONS, resources=("*",), wildcard_reason=reason)
