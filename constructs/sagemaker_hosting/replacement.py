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

_DIGITS = 8


def replace_on_change(resource: cdk.CfnResource, properties: Callable[[], Mapping[str, object]]) -> None:
    """Let the logical id of ``resource`` end in a digest of its properties.

    Args:
        resource: The resource.
        properties: Called at synthesis: everything whose change is to replace the resource. May hold tokens.
    """
    stem = cdk.Stack.of(resource).get_logical_id(resource)
    resource.override_logical_id(cdk.Lazy.uncached_string(_Digest(stem, properties)))


def digest_of(properties: Callable[[], Mapping[str, object]]) -> str:
    """Return a token of the digest of properties.

    Args:
        properties: Called at synthesis. May hold tokens.
    """
    return cdk.Lazy.uncached_string(_Digest("", properties))


@jsii.implements(cdk.IStringProducer)
class _Digest:
    def __init__(self, stem: str, properties: Callable[[], Mapping[str, object]]) -> None:
        self._stem = stem
        self._properties = properties

    def produce(self, context: cdk.IResolveContext) -> str:
        content = json.dumps(context.resolve(self._properties()), sort_keys=True)
        return f"{self._stem}{hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"
