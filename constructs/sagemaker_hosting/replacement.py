"""Gives a resource a logical id that follows its content.

SageMaker's Model and EndpointConfig cannot be changed once they exist. With the content in the logical id a change is,
in every template diff, what it is in the service: a new resource, to which the endpoint is moved before the old one is
deleted.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii

from sagemaker_hosting.stacks import stack_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import Construct

_DIGITS = 8


def replace_on_change(
    resource: cdk.CfnResource, properties: Callable[[], Mapping[str, object]], scope: Construct | None = None
) -> None:
    """Let the logical id of ``resource`` end in a digest of its properties.

    Args:
        resource: The resource.
        properties: Called once, when the app is synthesized: everything whose change is to replace the resource. May
            hold tokens.
        scope: A construct of the same stack, if one is at hand.
    """
    stack = stack_of(resource) if scope is None else stack_of(scope)
    stem = stack.get_logical_id(resource)
    resource.override_logical_id(cdk.Lazy.string(_Digest(stack, stem, properties)))


def digest_of(scope: Construct, properties: Callable[[], Mapping[str, object]]) -> str:
    """Return a token of the digest of properties.

    Args:
        scope: A construct of the stack that has them.
        properties: Called once, when the app is synthesized. May hold tokens.
    """
    return cdk.Lazy.string(_Digest(stack_of(scope), "", properties))


def name_by_content(construct: Construct, properties: Callable[[], Mapping[str, object]], *, longest: int) -> str:
    """Return a physical name that ends in a digest of the properties, for resources that must have one.

    A resource that is replaced exists twice for a while, so the second needs another name.

    Args:
        construct: What the resource belongs to; the name begins with its path.
        properties: Called once, when the app is synthesized: everything whose change is to replace the resource,
            without the name.
        longest: How many characters the name may have.
    """
    stem = cdk.Names.unique_resource_name(construct, max_length=longest - _DIGITS - 1, separator="-")
    return cdk.Lazy.string(_Digest(stack_of(construct), f"{stem}-", properties))


@jsii.implements(cdk.IStableStringProducer)
class _Digest:
    """Computed once, when the first reference is resolved: the CDK would ask for it dozens of times."""

    def __init__(self, stack: cdk.Stack, stem: str, properties: Callable[[], Mapping[str, object]]) -> None:
        self._stack = stack
        self._stem = stem
        self._properties = properties

    def produce(self) -> str:
        content = json.dumps(self._stack.resolve(self._properties()), sort_keys=True)
        return f"{self._stem}{hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"
