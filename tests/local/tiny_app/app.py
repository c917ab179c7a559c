from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker

HERE = Path(__file__).parent

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Tiny", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
image = ecr_assets.DockerImageAsset(stack, "Image", directory=str(HERE / "image"), build_args={"GREETING": "hello"})
data = s3_assets.Asset(stack, "Data", path=str(HERE / "model.tar.gz"))
role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
model = sagemaker.CfnModel(
    stack,
    "Model",
    execution_role_arn=role.role_arn,
    primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
        image=image.image_uri,
        environment={"LEVEL": "info"},
        model_data_source=sagemaker.CfnModel.ModelDataSourceProperty(
            s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                s3_uri=data.s3_object_url, s3_data_type="S3Object", compression_type="Gzip"
            )
        ),
    ),
)
config = sagemaker.CfnEndpointConfig(
    stack,
    "Config",
    production_variants=[
        sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=name,
            model_name=model.attr_model_name,
            initial_instance_count=1,
            initial_variant_weight=weight,
            instance_type="ml.c7g.large",
        )
        for name, weight in (("main", 1), ("candidate", 0))
    ],
)
endpoint = sagemaker.CfnEndpoint(
    stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name, endpoint_name="tiny"
)
group = sagemaker.CfnModelPackageGroup(stack, "Group", model_package_group_name="tiny-group")
package = sagemaker.CfnModelPackage(
    stack,
    "Package",
    model_package_group_name=group.model_package_group_name,
    domain="MACHINE_LEARNING",
    task="OTHER",
    inference_specification=sagemaker.CfnModelPackage.InferenceSpecificationProperty(
        containers=[sagemaker.CfnModelPackage.ModelPackageContainerDefinitionProperty(image=image.image_uri)],
        supported_content_types=["text/plain"],
        supported_response_mime_types=["application/json"],
    ),
)
package.add_dependency(group)
cdk.CfnOutput(stack, "PackageArn", value=package.attr_model_package_arn)
cdk.CfnOutput(stack, "GroupArn", value=group.attr_model_package_group_arn)
for name in ("call", "describe", "fail", "hang", "leave", "judge"):
    function = lambda_.Function(
        stack,
        name.title(),
        code=lambda_.Code.from_asset(str(HERE / "functions")),
        environment={"ENDPOINT_NAME": endpoint.attr_endpoint_name},
        handler=f"index.{name}",
        log_group=logs.LogGroup(stack, f"{name.title()}Logs"),
        memory_size=256,
        runtime=lambda_.Runtime.PYTHON_3_14,
        timeout=cdk.Duration.seconds(1 if name == "hang" else 20),
    )
    cdk.CfnOutput(stack, f"{name.title()}Name", value=function.function_name)
# What the embedded AWS does not know, and what it must not run.
unknown = cdk.CfnResource(
    stack, "Unknown", type="AWS::CodeGuruProfiler::ProfilingGroup", properties={"ProfilingGroupName": "tiny"}
)
cdk.CfnOutput(stack, "UnknownArn", value=unknown.get_att("Arn").to_string())
custom = cdk.CustomResource(stack, "Custom", resource_type="Custom::Nothing", service_token=function.function_arn)
cdk.CfnOutput(stack, "CustomRef", value=custom.ref)
app.synth()
