"""What an image or model data asks of the role of a container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aws_cdk import aws_iam as iam

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.instance_type import Architecture


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Actions on one resource that the role of a container is allowed.

    Args:
        actions: IAM actions with their prefix.
        resource: ARN.
        conditions: Conditions in the form of an IAM policy. Without it, there are none.
        wildcard_reason: Why no narrower resource can be named; read by a security reviewer. Needed if the resource has
            a wildcard.

    Raises:
        ValidationError: If there are no actions, or a wildcard has no reason.
    """

    actions: Sequence[str]
    resource: str
    conditions: Mapping[str, Mapping[str, Any]] | None = None
    wildcard_reason: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("Permission")
        problems.check(bool(self.actions), "actions must be at least one IAM action, got none")
        problems.check(
            "*" not in self.resource or bool(self.wildcard_reason),
            f"wildcard_reason must be given for a resource with a wildcard, got none for {self.resource!r}",
        )
        problems.raise_if_any()

    def to_statement(self) -> iam.PolicyStatement:
        """Return it as a statement, for a policy that is there already."""
        return iam.PolicyStatement.from_json(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Describe it to IAM, for a policy that is to be made."""
        statement = {"Action": [*self.actions], "Effect": "Allow", "Resource": self.resource}
        return statement if self.conditions is None else {**statement, "Condition": self.conditions}


def decrypting(key: kms.IKey | None) -> Sequence[Permission]:
    """Return what decrypting with a key takes: nothing if there is none."""
    return () if key is None else (Permission(actions=("kms:Decrypt",), resource=key.key_arn),)


class ImageUser(Protocol):
    """A model or a job whose container runs an image."""

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""
