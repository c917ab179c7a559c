"""moto's Model, EndpointConfig and Endpoint, with the properties that its CloudFormation ignores.

* ``ModelName``, ``EndpointConfigName`` and ``EndpointName`` of a template are replaced by generated names.
* A Model without ``PrimaryContainer`` raises KeyError; network isolation and direct invocation are dropped.
* An EndpointConfig drops shadow variants, the explainer and its network settings, and refuses every instance type that
  came out after 2021.
"""

from __future__ import annotations

from typing import Any

from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, Model

_NAME_PROPERTIES: dict[type[Any], str] = {
    Model: "ModelName",
    FakeEndpointConfig: "EndpointConfigName",
    FakeEndpoint: "EndpointName",
}
_DROPPED_PROPERTIES: dict[type[Any], dict[str, str]] = {
    Model: {
        "EnableNetworkIsolation": "enable_network_isolation",
        "InferenceExecutionConfig": "inference_execution_config",
    },
    FakeEndpointConfig: {
        "EnableNetworkIsolation": "enable_network_isolation",
        "ExecutionRoleArn": "execution_role_arn",
        "ExplainerConfig": "explainer_config",
        "ShadowProductionVariants": "shadow_production_variants",
        "VpcConfig": "vpc_config",
    },
}
_create = {model: model.create_from_cloudformation_json.__func__ for model in _DROPPED_PROPERTIES}


def install() -> None:
    """Patch moto's classes."""
    for model, name in _NAME_PROPERTIES.items():
        setattr(model, "cloudformation_name_type", staticmethod(lambda name=name: name))  # noqa: B010  a method
    for model in _DROPPED_PROPERTIES:
        setattr(model, "create_from_cloudformation_json", classmethod(_create_with_all_properties))  # noqa: B010  same
    setattr(FakeEndpointConfig, "validate_instance_type", lambda _self, _type: None)  # noqa: B010  same


def _create_with_all_properties(
    cls: type[Any],
    /,
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **kwargs: Any,
) -> Any:
    properties = cloudformation_json["Properties"]
    if cls is Model:
        properties = {"PrimaryContainer": None, "ExecutionRoleArn": "", **properties}
    resource = _create[cls](
        cls, resource_name, cloudformation_json | {"Properties": properties}, account_id, region_name, **kwargs
    )
    for name, attribute in _DROPPED_PROPERTIES[cls].items():
        if name in properties:
            setattr(resource, attribute, properties[name])
    if cls is Model:
        resource.primary_container = properties["PrimaryContainer"]
        # Absent lists stay absent, as in the answer of the service.
        resource.containers = resource.containers or None
        resource.vpc_config = resource.vpc_config or None
    return resource
