"""AWS CDK constructs that host a bring-your-own model on Amazon SageMaker.

Names are loaded when they are first used: whoever needs only a part of the package, such as its checks of finished
templates, does not wait for the CDK to start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_hosting.container_definition import ContainerDefinition
    from sagemaker_hosting.container_image import ContainerImage, ContainerImageConfig
    from sagemaker_hosting.endpoint import Endpoint, IEndpoint
    from sagemaker_hosting.endpoint_config import EndpointConfig, IEndpointConfig
    from sagemaker_hosting.hosted_model import HostedModel
    from sagemaker_hosting.instance_type import Architecture, InstanceType
    from sagemaker_hosting.model import IModel, Model
    from sagemaker_hosting.model_data import ModelData, ModelDataConfig
    from sagemaker_hosting.model_package import ApprovalStatus, ModelDomain, ModelPackage, ModelTask
    from sagemaker_hosting.model_package_group import IModelPackageGroup, ModelPackageGroup
    from sagemaker_hosting.preflight import SageMakerPreflight
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps
    from sagemaker_hosting.sample_payloads import SamplePayload, SamplePayloads
    from sagemaker_hosting.smoke_test import SmokeTest
    from sagemaker_hosting.validation import ValidationError

_MODULES = {
    "ApprovalStatus": "model_package",
    "Architecture": "instance_type",
    "ContainerDefinition": "container_definition",
    "ContainerImage": "container_image",
    "ContainerImageConfig": "container_image",
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint_config",
    "HostedModel": "hosted_model",
    "IEndpoint": "endpoint",
    "IEndpointConfig": "endpoint_config",
    "IModel": "model",
    "IModelPackageGroup": "model_package_group",
    "InstanceProductionVariantProps": "production_variant",
    "InstanceType": "instance_type",
    "Model": "model",
    "ModelData": "model_data",
    "ModelDataConfig": "model_data",
    "ModelDomain": "model_package",
    "ModelPackage": "model_package",
    "ModelPackageGroup": "model_package_group",
    "ModelTask": "model_package",
    "SageMakerPreflight": "preflight",
    "SamplePayload": "sample_payloads",
    "SamplePayloads": "sample_payloads",
    "SmokeTest": "smoke_test",
    "ValidationError": "validation",
}

__all__ = [
    "ApprovalStatus",
    "Architecture",
    "ContainerDefinition",
    "ContainerImage",
    "ContainerImageConfig",
    "Endpoint",
    "EndpointConfig",
    "HostedModel",
    "IEndpoint",
    "IEndpointConfig",
    "IModel",
    "IModelPackageGroup",
    "InstanceProductionVariantProps",
    "InstanceType",
    "Model",
    "ModelData",
    "ModelDataConfig",
    "ModelDomain",
    "ModelPackage",
    "ModelPackageGroup",
    "ModelTask",
    "SageMakerPreflight",
    "SamplePayload",
    "SamplePayloads",
    "SmokeTest",
    "ValidationError",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
