"""Acknowledges what a security check would flag, finding by finding, on the construct that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct

_FINDINGS: WeakKeyDictionary[cdk.Stack, dict[str, str]] = WeakKeyDictionary()
_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")


def acknowledge_wildcard(construct: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge that a statement of ``construct`` names a resource with a wildcard.

    Args:
        construct: The policy. Nothing outside it is acknowledged.
        resource: The very text of the statement, tokens included.
        reason: Why no narrower resource can be named; read by a security reviewer.
    """
    acknowledge(construct, wildcard_finding(construct, resource), reason)


def wildcard_finding(construct: IConstruct, resource: str) -> str:
    """Return the full id of the finding that a statement names a resource with a wildcard.

    Args:
        construct: A construct of the stack that has the statement.
        resource: The very text of the statement, tokens included.
    """
    stack = stack_of(construct)
    known = _FINDINGS.setdefault(stack, {})
    if resource not in known:
        text = _as_cdk_nag_writes(stack.resolve(resource)) if is_token(resource) else resource
        known[resource] = f"AwsSolutions-IAM5[Resource::{text}]"
    return known[resource]


def acknowledge_all(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings of cdk-nag on ``construct``.

    Args:
        construct: Where they are reported, or one of its parents.
        reasons: The full id of each finding, and why it is right as it is.
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Acknowledge one finding of cdk-nag on ``construct``.

    Args:
        construct: Where the finding is reported, or one of its parents.
        finding: Its full id.
        reason: Why it is right as it is.
    """
    acknowledge_all(construct, {finding: reason})


def findings_in_packs(rule: str, reason: str) -> Mapping[str, str]:
    """Return what the packs HIPAA, NIST 800-53 and PCI report by the same rule, for ``acknowledge_all``.

    Args:
        rule: Name of the rule, without that of a pack.
        reason: Why it is right as it is.
    """
    return {f"{pack}-{rule}": reason for pack in _PACKS}


OWN_POLICY = findings_in_packs(
    "IAMNoInlinePolicy",
    "The policy names the very resources of one construct, and is of no use to any other role than this one.",
)
"""A policy that is part of its role."""


def acknowledge_in_packs(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge what the packs HIPAA, NIST 800-53 and PCI report by the same rule.

    Args:
        construct: Where the finding is reported, or one of its parents.
        rule: Name of the rule, without that of a pack.
        reason: Why it is right as it is.
    """
    acknowledge_all(construct, findings_in_packs(rule, reason))


def acknowledge_own_policy(construct: IConstruct) -> None:
    """Acknowledge that a policy is part of its role.

    Args:
        construct: The policy, or a role whose only policies are those of this library.
    """
    acknowledge_all(construct, OWN_POLICY)


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
