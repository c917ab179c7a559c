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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import Construct

_DIGITS = 8


def replace_on_change(resource: cdk.CfnResource, properties: Callable[[], Mapping[str, object]]) -> None:
    """Let the logical id of ``resource`` end in a digest of its properties.

    Args:
        resource: The resource.
        properties: Called at synthesis: everything whose change is to replace the resource. May hold tokens.
    """
    stem = cdk.Stack.of(resource).get_logical_id(resource)
    resource.override_logical_id(cdk.Lazy.uncached_string(_LogicalId(resource, stem, properties)))


def name_by_content(construct: Construct, properties: Callable[[], Mapping[str, object]], *, longest: int) -> str:
    """Return a physical name that ends in a digest of the properties, for resources that must have one.

    A resource that is replaced exists twice for a while, so the second needs another name.

    Args:
        construct: What the resource belongs to; the name begins with its path.
        properties: Called at synthesis: everything whose change is to replace the resource, without the name.
        longest: How many characters the name may have.
    """
    stem = cdk.Names.unique_resource_name(construct, max_length=longest - _DIGITS - 1, separator="-")
    return cdk.Lazy.uncached_string(_LogicalId(construct, f"{stem}-", properties))


@jsii.implements(cdk.IStringProducer)
class _LogicalId:
    def __init__(self, construct: Construct, stem: str, properties: Callable[[], Mapping[str, object]]) -> None:
        self._construct = construct
        self._stem = stem
        self._properties = properties

    def produce(self, context: cdk.IResolveContext) -> str:
        content = json.dumps(context.resolve(self._properties()), sort_keys=True)
        return f"{self._stem}{hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"
