"""As many endpoints as the command line says, each with its own model, all with the same data."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    Endpoint,
    EndpointConfig,
    InstanceProductionVariantProps,
    Model,
    ModelData,
)

app = cdk.App()
stack = cdk.Stack(app, "Stack")
repository = ecr.Repository.from_repository_name(stack, "Repository", "iris")
for number in range(int(sys.argv[1])):
    model = Model(
        stack,
        f"Model{number}",
        containers=[
            ContainerDefinition(
                image=ContainerImage.from_ecr_repository(repository, "1"),
                model_data=ModelData.from_directory("models/iris/model"),
            )
        ],
    )
    config = EndpointConfig(
        stack,
        f"Config{number}",
        instance_production_variants=[InstanceProductionVariantProps(model=model, variant_name="main")],
    )
    Endpoint(stack, f"Endpoint{number}", endpoint_config=config)
app.synth()
