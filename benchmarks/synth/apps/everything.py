"""One model with registry, smoke test, scaling, alarms, dashboard and guardrails; with "built", its image is, too."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr

from sagemaker_hosting import (
    CapacitySize,
    ContainerImage,
    Deployment,
    EndpointMonitoring,
    HostedModel,
    InstanceType,
    InvocationScaling,
    ModelData,
    SamplePayloads,
)

app = cdk.App()
stack = cdk.Stack(app, "Stack")
image = (
    ContainerImage.from_asset("container", build_args={"FRAMEWORK": "sklearn"})
    if sys.argv[1:] == ["built"]
    else ContainerImage.from_ecr_repository(ecr.Repository.from_repository_name(stack, "Repository", "iris"), "1")
)
hosted = HostedModel(
    stack,
    "Model",
    image=image,
    model_data=ModelData.from_directory("models/iris/model", code="models/iris/code"),
    payloads=SamplePayloads.from_directory("models/iris/payloads"),
    deployment=Deployment.blue_green_canary(canary_size=CapacitySize.instances(1)),
    initial_instance_count=2,
    instance_type=InstanceType.M5_LARGE,
    scaling=InvocationScaling(max_capacity=4, max_requests_per_second=100),
    smoke_test_gate=True,
)
EndpointMonitoring(stack, "Monitoring", endpoint=hosted.endpoint)
app.synth()
