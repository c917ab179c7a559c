"""Acknowledges what a security check would flag, finding by finding, on the construct that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct


_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
_OWN_POLICY = "The policy names the very resources of one construct, and is of no use to any other role than this one."


def acknowledge_wildcard(construct: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge that a statement of ``construct`` names a resource with a wildcard.

    Args:
        construct: The policy. Nothing outside it is acknowledged.
        resource: The very text of the statement, tokens included.
        reason: Why no narrower resource can be named; read by a security reviewer.
    """
    text = _as_cdk_nag_writes(cdk.Stack.of(construct).resolve(resource))
    acknowledge(construct, f"AwsSolutions-IAM5[Resource::{text}]", reason)


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Acknowledge one finding of cdk-nag on ``construct``.

    Args:
        construct: Where the finding is reported, or one of its parents.
        finding: Its full id.
        reason: Why it is right as it is.
    """
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def acknowledge_in_packs(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge what the packs HIPAA, NIST 800-53 and PCI report by the same rule.

    Args:
        construct: Where the finding is reported, or one of its parents.
        rule: Name of the rule, without that of a pack.
        reason: Why it is right as it is.
    """
    found = [cdk.Acknowledgment(id=f"{pack}-{rule}", reason=reason) for pack in _PACKS]
    cdk.Validations.of(construct).acknowledge(*found)


def acknowledge_own_policy(construct: IConstruct) -> None:
    """Acknowledge that a policy is part of its role.

    Args:
        construct: The policy, or a role whose only policies are those of this library.
    """
    acknowledge_in_packs(construct, "IAMNoInlinePolicy", _OWN_POLICY)


def _as_cdk_nag_writes(value: Any) -> str:  # noqa: ANN401  a resolved CloudFormation value
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return _as_cdk_nag_writes(name)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_as_cdk_nag_writes(part) for part in parts)
        case _:
            return str(value)
