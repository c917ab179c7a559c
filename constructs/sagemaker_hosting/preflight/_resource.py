from collections.abc import Mapping
from typing import TYPE_CHECKING

from sagemaker_hosting.preflight._intrinsics import Reference, references_in
from sagemaker_hosting.preflight._value import MISSING, Value

if TYPE_CHECKING:
    from sagemaker_hosting.preflight._template import Template


class Resource:
    """One resource of a template."""

    def __init__(self, template: "Template", logical_id: str, body: Mapping[object, object]) -> None:
        """Wraps the resource's body as it stands in the template."""
        self.template = template
        self.logical_id = logical_id
        self.type = str(body.get("Type"))
        self.properties = Value(body.get("Properties") or {}, self)
        self.conditional = "Condition" in body
        self._body = body
        self._values: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        # A hundred rules ask for the same few properties.
        if key not in self._values:
            self._values[key] = self.properties[key]
        return self._values[key]

    @property
    def construct_path(self) -> str | None:
        """Path of the CDK construct that made the resource, where the template records it."""
        metadata = self._body.get("Metadata")
        path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        return path if isinstance(path, str) else None

    @property
    def depends_on(self) -> frozenset[str]:
        """Logical ids that this resource waits for, explicitly or because it refers to them."""
        return self.template.dependencies(self.logical_id)

    def direct_dependencies(self) -> set[str]:
        """Logical ids named by ``DependsOn`` or by any reference in the properties."""
        explicit = Value(self._body.get("DependsOn", MISSING), self)
        found = {item.text for item in explicit.walk() if item.text}
        pending: list[object] = [self._body.get("Properties")]
        seen: set[int] = set()
        while pending:
            raw = pending.pop()
            if not isinstance(raw, dict | list) or id(raw) in seen:
                continue
            seen.add(id(raw))
            if isinstance(raw, dict):
                found |= {reference.logical_id for reference in _references(raw)}
            pending.extend(raw.values() if isinstance(raw, dict) else raw)
        return found


def _references(raw: dict[object, object]) -> list[Reference]:
    """References that a function call itself makes, not those of its arguments."""
    found: list[Reference] = []
    for key, value in raw.items():
        match key, value:
            case ("Ref", str(name)):
                found.append(Reference(name))
            case ("Fn::GetAtt", [str(name), *_]):
                found.append(Reference(name))
            case ("Fn::GetAtt", str(dotted)):
                found.append(Reference(dotted.partition(".")[0]))
            case ("Fn::Sub", str(text)) | ("Fn::Sub", [str(text), *_]):
                found.extend(references_in(text))
    return found
