"""Resource types that moto does not know.

moto skips them, and then fails on the first reference to one. Here each becomes a name and an ARN, which the user is
told.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.custom_model import CustomModel
from moto.core.common_models import CloudFormationModel

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_NOTHING_TO_EMULATE = ("AWS::CDK::Metadata", *parsing.NULL_MODELS)
_resource_class_from_type = parsing.resource_class_from_type


class Placeholder(CloudFormationModel):
    """A resource of which only the name exists."""

    def __init__(self, resource_name: str, resource_type: str, account_id: str, region_name: str) -> None:
        self.physical_resource_id = resource_name
        _, service, kind = (*resource_type.lower().split("::"), "", "")[:3]
        self._arn = f"arn:aws:{service}:{region_name}:{account_id}:{kind}/{resource_name}"

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that sets the name."""
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "?"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:  # noqa: ARG003  moto's signature
        """Whether GetAtt has this attribute."""
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The ARN for attributes that are called one, else the name."""
        return self._arn if attribute_name.endswith("Arn") else self.physical_resource_id

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_kwargs: Any,
    ) -> Placeholder:
        """Create what the template says."""
        return cls(resource_name, cloudformation_json["Type"], account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,  # noqa: ARG003  moto's signature
        cloudformation_json: dict[str, Any],  # noqa: ARG003  same
        account_id: str,  # noqa: ARG003  same
        region_name: str,  # noqa: ARG003  same
    ) -> Any:
        """Keep it: there is only its name."""
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        """Nothing was created."""


def install() -> None:
    """Patch moto's look-up."""
    setattr(parsing, "resource_class_from_type", _class_or_placeholder)  # noqa: B010  a function


def is_custom(resource_type: str) -> bool:
    """Whether a function creates resources of this type, which here is answered without running it."""
    return resource_type.startswith(_CUSTOM)


def is_emulated(resource_type: str) -> bool:
    """Whether a resource of this type is more than a name."""
    return resource_type in _NOTHING_TO_EMULATE or resource_type in parsing.get_model_map()


def _class_or_placeholder(resource_type: str) -> type[CloudFormationModel]:
    if resource_type in _NOTHING_TO_EMULATE or resource_type in parsing.get_model_map():
        return _resource_class_from_type(resource_type)
    if is_custom(resource_type):
        return CustomModel
    return Placeholder
