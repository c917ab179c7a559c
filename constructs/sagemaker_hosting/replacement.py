"""Gives a resource a logical id that follows its content.

SageMaker's Model and EndpointConfig cannot be changed once they exist. With the content in the logical id a change is,
in every template diff, what it is in the service: a new resource, to which the endpoint is moved before the old one is
deleted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii

from sagemaker_hosting.stacks import stack_of
from sagemaker_hosting.validation import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import Construct, IConstruct

_DIGITS = 8


def replace_on_change(
    scope: Construct, resource: cdk.CfnResource, reference: str, properties: Callable[[], Mapping[str, object]]
) -> None:
    """Let the logical id of ``resource`` end in a digest of its properties.

    It does from now on, and follows what changes until the app is synthesized.

    Args:
        scope: The construct that it is the resource of.
        resource: The resource.
        reference: A token of CloudFormation's reference to it, or to one of its attributes.
        properties: Everything whose change is to replace the resource. May hold tokens.
    """
    stack = stack_of(scope)
    resolved, content = stack.resolve([reference, properties()])
    replaced = _Replaced(resource, _logical_id(resolved), properties)
    replaced.follow(content)
    contents = _CONTENTS.get(stack)
    if contents is None:
        contents = _CONTENTS[stack] = _Contents()
        # On a construct that has no children, so that it is asked once.
        cdk.Aspects.of(resource).add(contents)
    contents.replaced.append(replaced)


def digest_of(scope: Construct, properties: Callable[[], Mapping[str, object]]) -> str:
    """Return a token of the digest of properties.

    Args:
        scope: A construct of the stack that has them.
        properties: Called once, when the app is synthesized. May hold tokens.
    """
    return cdk.Lazy.string(_Digest(stack_of(scope), "", properties))


def name_by_content(construct: Construct, properties: Mapping[str, object], *, longest: int) -> str:
    """Return a physical name that ends in a digest of the properties, for resources that must have one.

    A resource that is replaced exists twice for a while, so the second needs another name.

    Args:
        construct: What the resource belongs to; the name begins with its path.
        properties: Everything whose change is to replace the resource, without the name. May hold tokens.
        longest: How many characters the name may have.
    """
    stem = cdk.Names.unique_resource_name(construct, max_length=longest - _DIGITS - 1, separator="-")
    return cdk.Lazy.string(_Digest(stack_of(construct), f"{stem}-", lambda: properties))


@dataclass
class _Replaced:
    resource: cdk.CfnResource
    stem: str
    properties: Callable[[], Mapping[str, object]]
    logical_id: str = ""

    def follow(self, content: object) -> bool:
        """Let the logical id end in the digest of the content; whether it did not before."""
        logical_id = f"{self.stem}{_digest(content)}"
        if logical_id == self.logical_id:
            return False
        self.resource.override_logical_id(logical_id)
        self.logical_id = logical_id
        return True


@jsii.implements(cdk.IAspect)
class _Contents:
    """What is replaced in one stack.

    When a model changes after a configuration was made of it, the id of the one changes the content of the other.
    """

    def __init__(self) -> None:
        self.replaced: list[_Replaced] = []

    def visit(self, node: IConstruct) -> None:
        stack = cdk.Stack.of(node)
        changed = self.replaced
        # Each pass settles at least one, unless some depend on themselves.
        for _ in range(len(self.replaced) + 1):
            contents = stack.resolve([each.properties() for each in self.replaced])
            changed = [each for each, content in zip(self.replaced, contents, strict=True) if each.follow(content)]
            if not changed:
                return
        path = changed[0].resource.node.path.removesuffix("/Resource")
        raise ValidationError(f"'{path}'", ["its own name must not be in what it holds: that would change the name"])


_CONTENTS: WeakKeyDictionary[cdk.Stack, _Contents] = WeakKeyDictionary()


@jsii.implements(cdk.IStableStringProducer)
class _Digest:
    """Computed once, when the first reference is resolved: the CDK would ask for it dozens of times."""

    def __init__(self, stack: cdk.Stack, stem: str, properties: Callable[[], Mapping[str, object]]) -> None:
        self._stack = stack
        self._stem = stem
        self._properties = properties

    def produce(self) -> str:
        return f"{self._stem}{_digest(self._stack.resolve(self._properties()))}"


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def _logical_id(reference: dict[str, Any]) -> str:
    match reference:
        case {"Fn::GetAtt": [str(name), *_]} | {"Ref": str(name)}:
            return name
    raise TypeError(reference)
