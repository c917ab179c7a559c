"""Walks a resource's properties beside what the service model says about each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sagemaker_hosting.facts import facts
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._value import Value


@dataclass(frozen=True, slots=True)
class Shaped:
    """A literal value with the shape that it must have."""

    value: Value
    shape: dict[str, Any]

    @property
    def kind(self) -> str:
        """``object``, ``list``, ``map``, ``string``, ``integer``, ``number``, ``boolean`` or ``any``."""
        kind: str = self.shape["kind"]
        return kind


def checked_types() -> tuple[str, ...]:
    """The resource types whose property trees are known."""
    return tuple(name for name in facts("limits")["shapes"] if "." not in name)


def shaped(resource: Resource) -> tuple[Shaped, ...]:
    """Every literal value of a resource with its shape; what is only known at deployment is left out."""
    memo, key = resource.template.memo, ("shaped", resource.logical_id)
    if key not in memo:
        root = facts("limits")["shapes"].get(resource.type)
        memo[key] = tuple(_walk(resource.properties, root)) if root is not None else ()
    found: tuple[Shaped, ...] = memo[key]
    return found


def _walk(value: Value, shape: dict[str, Any]) -> Iterator[Shaped]:
    if not value.literal:
        return
    shape = facts("limits")["shapes"][shape["shape"]] if "shape" in shape else shape
    yield Shaped(value, shape)
    if shape["kind"] == "object":
        for name, member in shape["members"].items():
            if isinstance(value.raw, dict) and name in value.raw:
                yield from _walk(value[name], member)
    elif shape["kind"] == "list":
        for item in value.items:
            yield from _walk(item, shape["item"])
    elif shape["kind"] == "map":
        for _, entry in value.entries:
            yield from _walk(entry, {"kind": "string", **shape["value"]})
