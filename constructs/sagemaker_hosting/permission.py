"""What a role is allowed, with the reason for each wildcard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aws_cdk import aws_iam as iam

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.instance_type import Architecture


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Actions on resources that a role is allowed.

    Args:
        actions: IAM actions with their prefix, at least one.
        resources: ARNs, at least one.
        conditions: Conditions in the form of an IAM policy. Without it, there are none.
        wildcard_reason: Why no narrower resource can be named; read by a security reviewer. Needed if a resource has
            a wildcard.

    Raises:
        ValidationError: If there are no actions or resources, or a wildcard has no reason.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, Any]] | None = None
    wildcard_reason: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("Permission")
        problems.check(len(self.actions) > 0, "actions must be at least one IAM action, got none")
        problems.check(len(self.resources) > 0, "resources must be at least one ARN, got none")
        problems.check(
            not self.wildcards or bool(self.wildcard_reason),
            f"wildcard_reason must be given for a resource with a wildcard, got none for {', '.join(self.wildcards)}",
        )
        problems.raise_if_any()

    @property
    def wildcards(self) -> Sequence[str]:
        """The resources with a wildcard."""
        return [resource for resource in self.resources if "*" in resource]

    def to_statement(self) -> iam.PolicyStatement:
        """Return it as a statement, for a policy that is there already."""
        return iam.PolicyStatement.from_json(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Describe it to IAM, for a policy that is to be made."""
        resources = self.resources[0] if len(self.resources) == 1 else [*self.resources]
        statement = {"Action": [*self.actions], "Effect": "Allow", "Resource": resources}
        return statement if self.conditions is None else {**statement, "Condition": self.conditions}


def passing(role: iam.IRole) -> Permission:
    """Return what handing a role to SageMaker takes, and to no other service."""
    return Permission(
        actions=("iam:PassRole",),
        resources=(role.role_arn,),
        conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )


class ImageUser(Protocol):
    """A model or a job whose container runs an image."""

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""
