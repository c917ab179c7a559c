"""The smallest endpoint of the CDK's own library."""

import aws_cdk as cdk
import aws_cdk.aws_sagemaker_alpha as sagemaker
from aws_cdk import aws_ecr as ecr

app = cdk.App()
stack = cdk.Stack(app, "Stack")
repository = ecr.Repository.from_repository_name(stack, "Repository", "iris")
model = sagemaker.Model(
    stack,
    "Model",
    containers=[
        sagemaker.ContainerDefinition(image=sagemaker.ContainerImage.from_ecr_repository(repository, "1")),
    ],
)
config = sagemaker.EndpointConfig(
    stack,
    "Config",
    instance_production_variants=[sagemaker.InstanceProductionVariantProps(model=model, variant_name="main")],
)
sagemaker.Endpoint(stack, "Endpoint", endpoint_config=config)
app.synth()
