"""Custom resources, answered without running their function.

moto starts the function in a Docker container and waits for its answer forever; and what such functions do on creation
(deleting objects later, setting a retention) changes nothing here.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation.custom_model import CustomModel


def install() -> None:
    """Patch moto's class."""
    setattr(CustomModel, "create_from_cloudformation_json", classmethod(_create))  # noqa: B010  a method


def _create(
    cls: type[CustomModel],
    /,
    resource_name: str,
    _cloudformation_json: dict[str, Any],
    _account_id: str,
    region_name: str,
    **kwargs: Any,
) -> CustomModel:
    resource = cls(region_name, request_id="", logical_id=kwargs["LogicalId"], resource_name=resource_name)
    resource.set_data({})
    return resource
