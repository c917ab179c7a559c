"""One model with image, registry, smoke test, scaling, alarms, dashboard and guardrails."""

import aws_cdk as cdk

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
hosted = HostedModel(
    stack,
    "Model",
    image=ContainerImage.from_asset("container", build_args={"FRAMEWORK": "sklearn"}),
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
