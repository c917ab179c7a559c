"""AWS CDK constructs that host a bring-your-own model on Amazon SageMaker.

Names are loaded when they are first used: whoever needs only a part of the package, such as its checks of finished
templates, does not wait for the CDK to start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_hosting.async_inference import AsyncInference
    from sagemaker_hosting.batch_transform import AssembleWith, BatchStrategy, BatchTransform, SplitType
    from sagemaker_hosting.capacity_size import CapacitySize
    from sagemaker_hosting.compilation_target import CompilationTarget
    from sagemaker_hosting.container_definition import ContainerDefinition
    from sagemaker_hosting.container_image import ContainerImage, ContainerImageConfig
    from sagemaker_hosting.core_dump import CoreDump
    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.deployment import Deployment
    from sagemaker_hosting.endpoint import Endpoint, IEndpoint
    from sagemaker_hosting.endpoint_alarms import EndpointAlarms
    from sagemaker_hosting.endpoint_config import EndpointConfig, IEndpointConfig
    from sagemaker_hosting.endpoint_variant import (
        EndpointInstanceProductionVariant,
        EndpointServerlessProductionVariant,
    )
    from sagemaker_hosting.hosted_model import HostedModel
    from sagemaker_hosting.inference_recommendation import InferenceRecommendation
    from sagemaker_hosting.instance_type import Architecture, InstanceType
    from sagemaker_hosting.invocation_scaling import InvocationScaling
    from sagemaker_hosting.job_network import JobNetwork
    from sagemaker_hosting.load_test import EndpointCandidate, LoadTest, TrafficPattern
    from sagemaker_hosting.managed_instance_scaling import ManagedInstanceScaling
    from sagemaker_hosting.metrics import InvocationHttpResponseCode
    from sagemaker_hosting.model import IModel, Model
    from sagemaker_hosting.model_data import ModelData, ModelDataConfig
    from sagemaker_hosting.model_package import ApprovalStatus, ModelDomain, ModelPackage, ModelTask
    from sagemaker_hosting.model_package_group import IModelPackageGroup, ModelPackageGroup
    from sagemaker_hosting.model_registration import ModelRegistration
    from sagemaker_hosting.neo_compilation import NeoCompilation, NeoFramework
    from sagemaker_hosting.preflight import SageMakerPreflight
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps, RoutingStrategy
    from sagemaker_hosting.rollback_alarms import RollbackAlarms
    from sagemaker_hosting.sample_payloads import SamplePayload, SamplePayloads
    from sagemaker_hosting.scalable_instance_count import ScalableInstanceCount
    from sagemaker_hosting.scalable_provisioned_concurrency import ScalableProvisionedConcurrency
    from sagemaker_hosting.serverless import Serverless
    from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps
    from sagemaker_hosting.smoke_test import SmokeTest
    from sagemaker_hosting.spot_training import SpotTraining
    from sagemaker_hosting.training_channel import InputMode, TrainingChannel
    from sagemaker_hosting.training_job import TrainingJob
    from sagemaker_hosting.validation import ValidationError

_MODULES = {
    "ApprovalStatus": "model_package",
    "Architecture": "instance_type",
    "AssembleWith": "batch_transform",
    "AsyncInference": "async_inference",
    "BatchStrategy": "batch_transform",
    "BatchTransform": "batch_transform",
    "CapacitySize": "capacity_size",
    "CompilationTarget": "compilation_target",
    "ContainerDefinition": "container_definition",
    "ContainerImage": "container_image",
    "ContainerImageConfig": "container_image",
    "CoreDump": "core_dump",
    "DataCapture": "data_capture",
    "Deployment": "deployment",
    "Endpoint": "endpoint",
    "EndpointAlarms": "endpoint_alarms",
    "EndpointCandidate": "load_test",
    "EndpointConfig": "endpoint_config",
    "EndpointInstanceProductionVariant": "endpoint_variant",
    "EndpointServerlessProductionVariant": "endpoint_variant",
    "HostedModel": "hosted_model",
    "IEndpoint": "endpoint",
    "IEndpointConfig": "endpoint_config",
    "IModel": "model",
    "IModelPackageGroup": "model_package_group",
    "InferenceRecommendation": "inference_recommendation",
    "InputMode": "training_channel",
    "InstanceProductionVariantProps": "production_variant",
    "InstanceType": "instance_type",
    "InvocationHttpResponseCode": "metrics",
    "InvocationScaling": "invocation_scaling",
    "JobNetwork": "job_network",
    "LoadTest": "load_test",
    "ManagedInstanceScaling": "managed_instance_scaling",
    "Model": "model",
    "ModelData": "model_data",
    "ModelDataConfig": "model_data",
    "ModelDomain": "model_package",
    "ModelPackage": "model_package",
    "ModelPackageGroup": "model_package_group",
    "ModelRegistration": "model_registration",
    "ModelTask": "model_package",
    "NeoCompilation": "neo_compilation",
    "NeoFramework": "neo_compilation",
    "RollbackAlarms": "rollback_alarms",
    "RoutingStrategy": "production_variant",
    "SageMakerPreflight": "preflight",
    "SamplePayload": "sample_payloads",
    "SamplePayloads": "sample_payloads",
    "ScalableInstanceCount": "scalable_instance_count",
    "ScalableProvisionedConcurrency": "scalable_provisioned_concurrency",
    "Serverless": "serverless",
    "ServerlessProductionVariantProps": "serverless_production_variant",
    "SmokeTest": "smoke_test",
    "SplitType": "batch_transform",
    "SpotTraining": "spot_training",
    "TrafficPattern": "load_test",
    "TrainingChannel": "training_channel",
    "TrainingJob": "training_job",
    "ValidationError": "validation",
}

__all__ = [
    "ApprovalStatus",
    "Architecture",
    "AssembleWith",
    "AsyncInference",
    "BatchStrategy",
    "BatchTransform",
    "CapacitySize",
    "CompilationTarget",
    "ContainerDefinition",
    "ContainerImage",
    "ContainerImageConfig",
    "CoreDump",
    "DataCapture",
    "Deployment",
    "Endpoint",
    "EndpointAlarms",
    "EndpointCandidate",
    "EndpointConfig",
    "EndpointInstanceProductionVariant",
    "EndpointServerlessProductionVariant",
    "HostedModel",
    "IEndpoint",
    "IEndpointConfig",
    "IModel",
    "IModelPackageGroup",
    "InferenceRecommendation",
    "InputMode",
    "InstanceProductionVariantProps",
    "InstanceType",
    "InvocationHttpResponseCode",
    "InvocationScaling",
    "JobNetwork",
    "LoadTest",
    "ManagedInstanceScaling",
    "Model",
    "ModelData",
    "ModelDataConfig",
    "ModelDomain",
    "ModelPackage",
    "ModelPackageGroup",
    "ModelRegistration",
    "ModelTask",
    "NeoCompilation",
    "NeoFramework",
    "RollbackAlarms",
    "RoutingStrategy",
    "SageMakerPreflight",
    "SamplePayload",
    "SamplePayloads",
    "ScalableInstanceCount",
    "ScalableProvisionedConcurrency",
    "Serverless",
    "ServerlessProductionVariantProps",
    "SmokeTest",
    "SplitType",
    "SpotTraining",
    "TrafficPattern",
    "TrainingChannel",
    "TrainingJob",
    "ValidationError",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
