"""Resources that stay when they leave their stack.

moto deletes what an update takes out of a template, whatever its DeletionPolicy says: every model version, for example,
as soon as the next one is registered.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation.parsing import ResourceMap

_KEPT = ("Retain", "RetainExceptOnCreate")
_delete_resource = ResourceMap._delete_resource  # noqa: SLF001  what is corrected


def install() -> None:
    """Patch moto's deletion."""
    setattr(ResourceMap, "_delete_resource", _delete_unless_retained)  # noqa: B010  a method


def _delete_unless_retained(self: ResourceMap, parsed_resource: Any, resource_json: dict[str, Any]) -> None:
    if resource_json.get("DeletionPolicy") not in _KEPT:
        _delete_resource(self, parsed_resource, resource_json)
