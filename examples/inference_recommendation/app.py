"""Registers the example model with its sample payload, and lets Inference Recommender find where to host it.

Two state machines: one compares what SageMaker chooses, one tests chosen instance types under a load of its own.
``docs/jobs.md`` says how to start them.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerDescription,
    ContainerImage,
    EndpointCandidate,
    InferenceRecommendation,
    InstanceType,
    LoadTest,
    Model,
    ModelData,
    ModelDomain,
    ModelFramework,
    ModelPackage,
    ModelPackageGroup,
    ModelTask,
    SageMakerPreflight,
    SamplePayloads,
    TrafficPattern,
)

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "InferenceRecommendation")
payloads = SamplePayloads.from_directory(IRIS / "payloads")
model = Model(
    stack,
    "Model",
    containers=[
        ContainerDefinition(
            image=ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
            model_data=ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        )
    ],
)
version = ModelPackage(
    stack,
    "Version",
    # Inference Recommender compares with what it has measured of the nearest model.
    container_descriptions=[
        ContainerDescription(
            framework=ModelFramework.SCIKIT_LEARN,
            framework_version="1.9.1",
            nearest_model_name="sagemaker-scikit-learn",
        )
    ],
    domain=ModelDomain.MACHINE_LEARNING,
    model=model,
    model_package_group=ModelPackageGroup(stack, "Irises"),
    sample_payloads=payloads,
    supported_content_types=payloads.content_types,
    supported_response_types=payloads.response_types,
    task=ModelTask.CLASSIFICATION,
)
instances = InferenceRecommendation(
    stack, "Instances", model_package_arn=version.model_package_arn, payloads=payloads, role=model.role
)
load = InferenceRecommendation(
    stack,
    "Load",
    candidates=[
        EndpointCandidate(
            instance_type=InstanceType.M5_LARGE, environment_ranges={"SAGEMAKER_MODEL_SERVER_WORKERS": ["1", "2"]}
        ),
        EndpointCandidate(instance_type=InstanceType.C5_LARGE),
    ],
    load_test=LoadTest(
        traffic=TrafficPattern.phases((1, 1, cdk.Duration.minutes(2)), (3, 1, cdk.Duration.minutes(2))),
        duration=cdk.Duration.hours(2),
        max_invocations=3000,
        max_parallel_tests=2,
        max_tests=3,
        model_latency=cdk.Duration.millis(100),
    ),
    model_package_arn=version.model_package_arn,
    payloads=payloads,
    role=model.role,
)
cdk.CfnOutput(stack, "DefaultJob", value=instances.state_machine.state_machine_arn)
cdk.CfnOutput(stack, "AdvancedJob", value=load.state_machine.state_machine_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
app.synth()
