"""Templates like those of aws-cdk's SageMaker module, of its README and its integration tests, have no finding.

That module is not a dependency, so its resources are built here from the same parts: one role per model with the
managed policy, grants for artifacts and image, and dependencies on them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker

from preflight.preflight_examples import write_asset
from sagemaker_hosting.preflight import SageMakerPreflight

FILES = {"model.json": "{}"}
DOCKERFILE = {"Dockerfile": 'FROM python:3.12\nCOPY . /opt/program\nENTRYPOINT ["python", "/opt/program/serve"]\n'}


class Modelled(cdk.Stack):
    """A stack with the parts that the module's constructs are made of."""

    def __init__(self, app: cdk.App, folder: Path, *, full_access: bool = True, **settings: Any) -> None:
        super().__init__(app, "Hosting", **settings)
        self._folder = folder
        self._full_access = full_access

    def role(self, name: str) -> iam.Role:
        managed = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSageMakerFullAccess")
        return iam.Role(
            self,
            f"{name}Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[managed] if self._full_access else [],
        )

    def container(self, name: str, role: iam.Role) -> dict[str, Any]:
        """An image and an archive of this repository, which the role may read."""
        context = write_asset(self._folder / f"{name}-image", DOCKERFILE | {"name": name})
        image = ecr_assets.DockerImageAsset(
            self, f"{name}Image", directory=str(context), platform=ecr_assets.Platform.LINUX_AMD64
        )
        archive = s3_assets.Asset(
            self, f"{name}Data", path=str(write_asset(self._folder / f"{name}.tar.gz", FILES | {"name": name}))
        )
        image.repository.grant_pull(role)
        archive.grant_read(role)
        return {"image": image.image_uri, "modelDataUrl": archive.http_url}

    def model(self, name: str, *, containers: int = 1, **settings: Any) -> sagemaker.CfnModel:
        role = self.role(name)
        found = [self.container(f"{name}{number}", role) for number in range(containers)]
        shape: dict[str, Any] = {"primary_container": found[0]} if containers == 1 else {"containers": found}
        model = sagemaker.CfnModel(self, name, execution_role_arn=role.role_arn, **shape, **settings)
        model.node.add_dependency(role)
        return model


def one_model(stack: Modelled) -> None:
    stack.model("Primary")


def pipeline(stack: Modelled) -> None:
    stack.model("Pipeline", containers=3)


def network_isolation(stack: Modelled) -> None:
    stack.model("Isolated", enable_network_isolation=True)


def vpc(stack: Modelled) -> None:
    network = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    group = ec2.SecurityGroup(stack, "Group", vpc=network)
    subnets = [subnet.subnet_id for subnet in network.isolated_subnets or network.public_subnets]
    stack.model("Inside", vpc_config={"securityGroupIds": [group.security_group_id], "subnets": subnets})


def repository_and_bucket(stack: Modelled) -> None:
    role = stack.role("Model")
    repository = ecr.Repository.from_repository_name(stack, "Repository", "repo")
    bucket = s3.Bucket(stack, "Bucket")
    repository.grant_pull(role)
    bucket.grant_read(role)
    model = sagemaker.CfnModel(
        stack,
        "Model",
        execution_role_arn=role.role_arn,
        primary_container={
            "image": repository.repository_uri_for_tag("tag"),
            "modelDataUrl": bucket.url_for_object("path/to/artifact/file.tar.gz"),
        },
    )
    model.node.add_dependency(role)


def deep_learning_container(stack: Modelled) -> None:
    accounts = cdk.CfnMapping(stack, "Accounts", mapping={"eu-west-1": {"account": "763104351884"}})
    account = accounts.find_in_map(cdk.Aws.REGION, "account")
    image = f"{account}.dkr.ecr.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}/huggingface-pytorch-inference:1.13.1-gpu-py39"
    role = stack.role("Model")
    sagemaker.CfnModel(stack, "Model", execution_role_arn=role.role_arn, primary_container={"image": image})


def two_variants(stack: Modelled) -> None:
    variants = [
        variant("modelA", stack.model("A").attr_model_name, initialVariantWeight=2),
        variant("variantB", stack.model("B").attr_model_name, initialVariantWeight=1),
    ]
    sagemaker.CfnEndpointConfig(stack, "Config", production_variants=variants)


def serverless(stack: Modelled) -> None:
    settings = {"maxConcurrency": 10, "memorySizeInMb": 2048, "provisionedConcurrency": 5}
    only = {
        "variantName": "serverlessVariant",
        "modelName": stack.model("Model").attr_model_name,
        "initialVariantWeight": 1,
        "serverlessConfig": settings,
    }
    sagemaker.CfnEndpointConfig(stack, "Config", production_variants=[only])


def scaled_endpoint_with_an_alarm(stack: Modelled) -> None:
    name = "my-variant"
    config = sagemaker.CfnEndpointConfig(
        stack,
        "Config",
        production_variants=[
            variant(
                name,
                stack.model("Model").attr_model_name,
                instanceType="ml.m5.large",
                containerStartupHealthCheckTimeoutInSeconds=300,
            )
        ],
    )
    endpoint = sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
    target = autoscaling.ScalableTarget(
        stack,
        "Target",
        service_namespace=autoscaling.ServiceNamespace.SAGEMAKER,
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/{name}",
        min_capacity=1,
        max_capacity=3,
    )
    target.scale_to_track_metric(
        "LimitRPS",
        predefined_metric=autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
        target_value=900,
    )
    latency = cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name="ModelLatency",
        dimensions_map={"EndpointName": endpoint.attr_endpoint_name, "VariantName": name},
    )
    latency.create_alarm(stack, "ModelLatencyAlarm", threshold=100000, evaluation_periods=3)
    # The module's integration test has alarms on every metric, with small thresholds, that nobody is told of.
    latency.create_alarm(stack, "SmallThresholdAlarm", threshold=7, evaluation_periods=8)
    for metric in ("CPUUtilization", "DiskUtilization", "GPUMemoryUtilization", "GPUUtilization", "MemoryUtilization"):
        cloudwatch.Metric(
            namespace="/aws/sagemaker/Endpoints",
            metric_name=metric,
            dimensions_map={"EndpointName": endpoint.attr_endpoint_name, "VariantName": name},
        ).create_alarm(stack, f"{metric}Alarm", threshold=16, evaluation_periods=17)


def variant(name: str, model_name: str, **settings: Any) -> dict[str, Any]:
    return {
        "variantName": name,
        "modelName": model_name,
        "initialInstanceCount": 1,
        "initialVariantWeight": 1,
        "instanceType": "ml.t2.medium",
    } | settings


EXAMPLES = [
    one_model,
    pipeline,
    network_isolation,
    vpc,
    repository_and_bucket,
    deep_learning_container,
    two_variants,
    serverless,
    scaled_endpoint_with_an_alarm,
]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("full_access", [True, False])
@pytest.mark.parametrize("env", [None, cdk.Environment(account="111122223333", region="eu-west-1")])
def test_an_example_has_no_finding(
    tmp_path: Path, example: Callable[[Modelled], None], *, full_access: bool, env: cdk.Environment | None
) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(SageMakerPreflight())
    example(Modelled(app, tmp_path, full_access=full_access, env=env))

    app.synth()

    report = json.loads((tmp_path / "cdk.out" / "validation-report.json").read_text())
    assert [one for plugin in report["pluginReports"] for one in plugin["violations"]] == []
