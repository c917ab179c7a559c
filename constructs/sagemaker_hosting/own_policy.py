"""A policy that belongs to one construct of this library.

What is acknowledged on it covers nothing that a user adds to the role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

from sagemaker_hosting.acknowledgement import OWN_POLICY, acknowledge_all, wildcard_finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from sagemaker_hosting.permission import Permission


def create_own_policy(
    scope: Construct,
    id: str,  # noqa: A002
    roles: Sequence[iam.IRole] = (),
    permissions: Sequence[Permission] = (),
) -> iam.Policy:
    """Create a policy. One that allows nothing, or is on no role, is in no template.

    Args:
        scope: Parent.
        id: Id below the parent.
        roles: Roles that get the policy, unless the CDK was told not to change them.
        permissions: What it allows.
    """
    own = [role for role in roles if isinstance(role, iam.Role)]  # others decide whether they take a policy
    policy = iam.Policy(
        scope,
        id,
        document=iam.PolicyDocument.from_json({"Statement": [permission.to_json() for permission in permissions]})
        if permissions
        else None,
        roles=own or None,
    )
    for role in roles:
        if role not in own:
            role.attach_inline_policy(policy)
    acknowledge_all(policy, {**_wildcards(scope, permissions), **OWN_POLICY})
    return policy


def allow(policy: iam.Policy, permissions: Sequence[Permission]) -> None:
    """Allow more.

    Args:
        policy: A policy that is there already.
        permissions: What it is to allow.
    """
    if permissions:
        policy.add_statements(*(permission.to_statement() for permission in permissions))
    wildcards = _wildcards(policy, permissions)
    if wildcards:
        acknowledge_all(policy, wildcards)


def _wildcards(construct: Construct, permissions: Sequence[Permission]) -> dict[str, str]:
    """The findings that permissions make in the stack of a construct, with the reasons why they are right."""
    reasons: dict[str, list[str]] = {}
    for permission in permissions:
        for resource in permission.wildcards:
            reasons.setdefault(wildcard_finding(construct, resource), []).append(permission.wildcard_reason or "")
    return {finding: " ".join(dict.fromkeys(given)) for finding, given in reasons.items()}
