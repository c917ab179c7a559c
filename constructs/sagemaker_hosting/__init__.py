"""AWS CDK constructs that host a bring-your-own model on Amazon SageMaker.

Names are loaded when they are first used: whoever needs only a part of the package, such as its checks of finished
templates, does not wait for the CDK to start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_hosting.algorithm import Algorithm, IAlgorithm
    from sagemaker_hosting.algorithm_inference import AlgorithmInference
    from sagemaker_hosting.algorithm_validation import AlgorithmValidation, ValidationChannel
    from sagemaker_hosting.async_inference import AsyncInference
    from sagemaker_hosting.batch_transform import AssembleWith, BatchStrategy, BatchTransform, SplitType
    from sagemaker_hosting.capacity_size import CapacitySize
    from sagemaker_hosting.channel_specification import ChannelSpecification
    from sagemaker_hosting.clarify_explainer import ClarifyExplainer, FeatureType, TextGranularity
    from sagemaker_hosting.compilation_target import CompilationTarget
    from sagemaker_hosting.component_container import ComponentContainer
    from sagemaker_hosting.component_deployment import ComponentDeployment, CopyBatch
    from sagemaker_hosting.component_placement import ComponentPlacement, PlacementStrategy
    from sagemaker_hosting.component_specification import ComponentSpecification
    from sagemaker_hosting.compute_requirements import ComputeRequirements
    from sagemaker_hosting.container_definition import ContainerDefinition
    from sagemaker_hosting.container_description import ContainerDescription, ModelFramework
    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.container_image_config import ContainerImageConfig
    from sagemaker_hosting.container_metrics import ContainerMetrics
    from sagemaker_hosting.container_mode import ContainerMode
    from sagemaker_hosting.core_dump import CoreDump
    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.data_quality_monitor import DataQualityMonitor
    from sagemaker_hosting.deployment import Deployment
    from sagemaker_hosting.endpoint import Endpoint, IEndpoint
    from sagemaker_hosting.endpoint_alarms import EndpointAlarms
    from sagemaker_hosting.endpoint_config import EndpointConfig, IEndpointConfig
    from sagemaker_hosting.endpoint_dashboard import EndpointDashboard
    from sagemaker_hosting.endpoint_monitoring import EndpointMonitoring
    from sagemaker_hosting.endpoint_variant import (
        EndpointInstanceProductionVariant,
        EndpointServerlessProductionVariant,
    )
    from sagemaker_hosting.framework import Framework, Processor
    from sagemaker_hosting.hosted_model import HostedModel
    from sagemaker_hosting.hosting_vpc_endpoints import HostingVpcEndpoints
    from sagemaker_hosting.hyperparameter import Hyperparameter
    from sagemaker_hosting.inference_component import IInferenceComponent, InferenceComponent
    from sagemaker_hosting.inference_description import AdditionalInference
    from sagemaker_hosting.inference_execution_mode import InferenceExecutionMode
    from sagemaker_hosting.inference_recommendation import InferenceRecommendation
    from sagemaker_hosting.instance_pool import InstancePool
    from sagemaker_hosting.instance_type import Architecture, InstanceType
    from sagemaker_hosting.invocation_scaling import InvocationScaling
    from sagemaker_hosting.job_network import JobNetwork
    from sagemaker_hosting.load_test import EndpointCandidate, LoadTest, TrafficPattern
    from sagemaker_hosting.managed_instance_scaling import ManagedInstanceScaling, ScaleInStrategy
    from sagemaker_hosting.metrics import InvocationHttpResponseCode
    from sagemaker_hosting.metrics_publishing import MetricsPublishing
    from sagemaker_hosting.model import IModel, Model
    from sagemaker_hosting.model_bias_monitor import BiasStage, ModelBiasMonitor
    from sagemaker_hosting.model_card import ModelCard, ModelCardStatus
    from sagemaker_hosting.model_data import ModelData, ModelDataConfig
    from sagemaker_hosting.model_explainability_monitor import ModelExplainabilityMonitor
    from sagemaker_hosting.model_metrics import DriftCheckBaselines, ModelMetrics
    from sagemaker_hosting.model_package import IModelPackage, ModelPackage
    from sagemaker_hosting.model_package_group import IModelPackageGroup, ModelPackageGroup
    from sagemaker_hosting.model_quality_monitor import ModelQualityMonitor, ProblemType
    from sagemaker_hosting.model_registration import ModelRegistration
    from sagemaker_hosting.monitor_input import DatasetFormat, InputAttributes, MonitorInput, MonitorInputConfig
    from sagemaker_hosting.monitor_jobs import MonitorJobs
    from sagemaker_hosting.monitor_schedule import MonitorSchedule
    from sagemaker_hosting.neo_compilation import NeoCompilation, NeoFramework
    from sagemaker_hosting.package_validation import PackageValidation
    from sagemaker_hosting.permission import Permission
    from sagemaker_hosting.pipeline import Pipeline
    from sagemaker_hosting.preflight import SageMakerPreflight
    from sagemaker_hosting.production_variant import InstanceProductionVariantProps
    from sagemaker_hosting.provenance import Provenance
    from sagemaker_hosting.rollback_alarms import RollbackAlarms
    from sagemaker_hosting.routing import PrefixAwareRouting, RoutingStrategy
    from sagemaker_hosting.s3_file import S3File, S3FileConfig
    from sagemaker_hosting.sample_payloads import SamplePayload, SamplePayloads
    from sagemaker_hosting.scalable_copy_count import ScalableCopyCount
    from sagemaker_hosting.scalable_instance_count import ScalableInstanceCount
    from sagemaker_hosting.scalable_provisioned_concurrency import ScalableProvisionedConcurrency
    from sagemaker_hosting.serverless import Serverless
    from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps
    from sagemaker_hosting.smoke_test import SmokeTest
    from sagemaker_hosting.source_algorithm import SourceAlgorithm
    from sagemaker_hosting.spot_training import SpotTraining
    from sagemaker_hosting.strict import Strict
    from sagemaker_hosting.training_channel import InputMode, TrainingChannel
    from sagemaker_hosting.training_job import TrainingJob
    from sagemaker_hosting.validation import ValidationError
    from sagemaker_hosting.validation_transform import ValidationTransform
    from sagemaker_hosting.version_labels import ApprovalStatus, ModelDomain, ModelTask

_MODULES = {
    "AdditionalInference": "inference_description",
    "Algorithm": "algorithm",
    "AlgorithmInference": "algorithm_inference",
    "AlgorithmValidation": "algorithm_validation",
    "ApprovalStatus": "version_labels",
    "Architecture": "instance_type",
    "AssembleWith": "batch_transform",
    "AsyncInference": "async_inference",
    "BatchStrategy": "batch_transform",
    "BatchTransform": "batch_transform",
    "BiasStage": "model_bias_monitor",
    "CapacitySize": "capacity_size",
    "ChannelSpecification": "channel_specification",
    "ClarifyExplainer": "clarify_explainer",
    "CompilationTarget": "compilation_target",
    "ComponentContainer": "component_container",
    "ComponentDeployment": "component_deployment",
    "ComponentPlacement": "component_placement",
    "ComponentSpecification": "component_specification",
    "ComputeRequirements": "compute_requirements",
    "ContainerDefinition": "container_definition",
    "ContainerDescription": "container_description",
    "ContainerImage": "container_image",
    "ContainerImageConfig": "container_image_config",
    "ContainerMetrics": "container_metrics",
    "ContainerMode": "container_mode",
    "CopyBatch": "component_deployment",
    "CoreDump": "core_dump",
    "DataCapture": "data_capture",
    "DataQualityMonitor": "data_quality_monitor",
    "DatasetFormat": "monitor_input",
    "Deployment": "deployment",
    "DriftCheckBaselines": "model_metrics",
    "Endpoint": "endpoint",
    "EndpointAlarms": "endpoint_alarms",
    "EndpointCandidate": "load_test",
    "EndpointConfig": "endpoint_config",
    "EndpointDashboard": "endpoint_dashboard",
    "EndpointInstanceProductionVariant": "endpoint_variant",
    "EndpointMonitoring": "endpoint_monitoring",
    "EndpointServerlessProductionVariant": "endpoint_variant",
    "FeatureType": "clarify_explainer",
    "Framework": "framework",
    "HostedModel": "hosted_model",
    "HostingVpcEndpoints": "hosting_vpc_endpoints",
    "Hyperparameter": "hyperparameter",
    "IAlgorithm": "algorithm",
    "IEndpoint": "endpoint",
    "IEndpointConfig": "endpoint_config",
    "IEndpointInstanceProductionVariant": "endpoint_variant",
    "IInferenceComponent": "inference_component",
    "IModel": "model",
    "IModelPackage": "model_package",
    "IModelPackageGroup": "model_package_group",
    "InferenceComponent": "inference_component",
    "InferenceExecutionMode": "inference_execution_mode",
    "InferenceRecommendation": "inference_recommendation",
    "InputAttributes": "monitor_input",
    "InputMode": "training_channel",
    "InstancePool": "instance_pool",
    "InstanceProductionVariantProps": "production_variant",
    "InstanceType": "instance_type",
    "InvocationHttpResponseCode": "metrics",
    "InvocationScaling": "invocation_scaling",
    "JobNetwork": "job_network",
    "LoadTest": "load_test",
    "ManagedInstanceScaling": "managed_instance_scaling",
    "MetricsPublishing": "metrics_publishing",
    "Model": "model",
    "ModelBiasMonitor": "model_bias_monitor",
    "ModelCard": "model_card",
    "ModelCardStatus": "model_card",
    "ModelData": "model_data",
    "ModelDataConfig": "model_data",
    "ModelDomain": "version_labels",
    "ModelExplainabilityMonitor": "model_explainability_monitor",
    "ModelFramework": "container_description",
    "ModelMetrics": "model_metrics",
    "ModelPackage": "model_package",
    "ModelPackageGroup": "model_package_group",
    "ModelQualityMonitor": "model_quality_monitor",
    "ModelRegistration": "model_registration",
    "ModelTask": "version_labels",
    "MonitorInput": "monitor_input",
    "MonitorInputConfig": "monitor_input",
    "MonitorJobs": "monitor_jobs",
    "MonitorSchedule": "monitor_schedule",
    "NeoCompilation": "neo_compilation",
    "NeoFramework": "neo_compilation",
    "PackageValidation": "package_validation",
    "Permission": "permission",
    "Pipeline": "pipeline",
    "PlacementStrategy": "component_placement",
    "PrefixAwareRouting": "routing",
    "ProblemType": "model_quality_monitor",
    "Processor": "framework",
    "Provenance": "provenance",
    "RollbackAlarms": "rollback_alarms",
    "RoutingStrategy": "routing",
    "S3File": "s3_file",
    "S3FileConfig": "s3_file",
    "SageMakerPreflight": "preflight",
    "SamplePayload": "sample_payloads",
    "SamplePayloads": "sample_payloads",
    "ScalableCopyCount": "scalable_copy_count",
    "ScalableInstanceCount": "scalable_instance_count",
    "ScalableProvisionedConcurrency": "scalable_provisioned_concurrency",
    "ScaleInStrategy": "managed_instance_scaling",
    "Serverless": "serverless",
    "ServerlessProductionVariantProps": "serverless_production_variant",
    "SmokeTest": "smoke_test",
    "SourceAlgorithm": "source_algorithm",
    "SplitType": "batch_transform",
    "SpotTraining": "spot_training",
    "Strict": "strict",
    "TextGranularity": "clarify_explainer",
    "TrafficPattern": "load_test",
    "TrainingChannel": "training_channel",
    "TrainingJob": "training_job",
    "ValidationChannel": "algorithm_validation",
    "ValidationError": "validation",
    "ValidationTransform": "validation_transform",
}

__all__ = [
    "AdditionalInference",
    "Algorithm",
    "AlgorithmInference",
    "AlgorithmValidation",
    "ApprovalStatus",
    "Architecture",
    "AssembleWith",
    "AsyncInference",
    "BatchStrategy",
    "BatchTransform",
    "BiasStage",
    "CapacitySize",
    "ChannelSpecification",
    "ClarifyExplainer",
    "CompilationTarget",
    "ComponentContainer",
    "ComponentDeployment",
    "ComponentPlacement",
    "ComponentSpecification",
    "ComputeRequirements",
    "ContainerDefinition",
    "ContainerDescription",
    "ContainerImage",
    "ContainerImageConfig",
    "ContainerMetrics",
    "ContainerMode",
    "CopyBatch",
    "CoreDump",
    "DataCapture",
    "DataQualityMonitor",
    "DatasetFormat",
    "Deployment",
    "DriftCheckBaselines",
    "Endpoint",
    "EndpointAlarms",
    "EndpointCandidate",
    "EndpointConfig",
    "EndpointDashboard",
    "EndpointInstanceProductionVariant",
    "EndpointMonitoring",
    "EndpointServerlessProductionVariant",
    "FeatureType",
    "Framework",
    "HostedModel",
    "HostingVpcEndpoints",
    "Hyperparameter",
    "IAlgorithm",
    "IEndpoint",
    "IEndpointConfig",
    "IEndpointInstanceProductionVariant",
    "IInferenceComponent",
    "IModel",
    "IModelPackage",
    "IModelPackageGroup",
    "InferenceComponent",
    "InferenceExecutionMode",
    "InferenceRecommendation",
    "InputAttributes",
    "InputMode",
    "InstancePool",
    "InstanceProductionVariantProps",
    "InstanceType",
    "InvocationHttpResponseCode",
    "InvocationScaling",
    "JobNetwork",
    "LoadTest",
    "ManagedInstanceScaling",
    "MetricsPublishing",
    "Model",
    "ModelBiasMonitor",
    "ModelCard",
    "ModelCardStatus",
    "ModelData",
    "ModelDataConfig",
    "ModelDomain",
    "ModelExplainabilityMonitor",
    "ModelFramework",
    "ModelMetrics",
    "ModelPackage",
    "ModelPackageGroup",
    "ModelQualityMonitor",
    "ModelRegistration",
    "ModelTask",
    "MonitorInput",
    "MonitorInputConfig",
    "MonitorJobs",
    "MonitorSchedule",
    "NeoCompilation",
    "NeoFramework",
    "PackageValidation",
    "Permission",
    "Pipeline",
    "PlacementStrategy",
    "PrefixAwareRouting",
    "ProblemType",
    "Processor",
    "Provenance",
    "RollbackAlarms",
    "RoutingStrategy",
    "S3File",
    "S3FileConfig",
    "SageMakerPreflight",
    "SamplePayload",
    "SamplePayloads",
    "ScalableCopyCount",
    "ScalableInstanceCount",
    "ScalableProvisionedConcurrency",
    "ScaleInStrategy",
    "Serverless",
    "ServerlessProductionVariantProps",
    "SmokeTest",
    "SourceAlgorithm",
    "SplitType",
    "SpotTraining",
    "Strict",
    "TextGranularity",
    "TrafficPattern",
    "TrainingChannel",
    "TrainingJob",
    "ValidationChannel",
    "ValidationError",
    "ValidationTransform",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    if _MODULES[name] != "preflight":
        import_module(f"{__name__}.argument_types").check_arguments(found)
    return found


def __dir__() -> list[str]:
    return __all__
