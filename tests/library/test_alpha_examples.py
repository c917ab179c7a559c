"""The uses that the documentation of ``aws_cdk.aws_sagemaker_alpha`` shows, with only the import changed.

Each is run with the alpha as well, so that it is what its users write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import aws_cdk.aws_sagemaker_alpha
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

import sagemaker_hosting

if TYPE_CHECKING:
    from pathlib import Path

LIBRARIES = [aws_cdk.aws_sagemaker_alpha, sagemaker_hosting]


@pytest.fixture(params=LIBRARIES, ids=lambda library: str(library.__name__))
def sagemaker(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def dockerfiles(tmp_path: Path) -> Path:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path / "context"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "file.tar.gz"
    path.write_bytes(b"an archive")
    return path


@pytest.fixture
def image(sagemaker: Any, stack: cdk.Stack) -> Any:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "repo")
    return sagemaker.ContainerImage.from_ecr_repository(repository, "tag")


@pytest.fixture
def model(sagemaker: Any, stack: cdk.Stack, image: Any) -> Any:
    return sagemaker.Model(stack, "Model", containers=[sagemaker.ContainerDefinition(image=image)])


def properties(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    return [
        found["Properties"] for found in Template.from_stack(stack).find_resources(f"AWS::SageMaker::{kind}").values()
    ]


def test_a_model_of_one_container(sagemaker: Any, stack: cdk.Stack, dockerfiles: Path, archive: Path) -> None:
    image = sagemaker.ContainerImage.from_asset(str(dockerfiles))
    model_data = sagemaker.ModelData.from_asset(str(archive))

    sagemaker.Model(
        stack,
        "PrimaryContainerModel",
        containers=[sagemaker.ContainerDefinition(image=image, model_data=model_data)],
    )

    (model,) = properties(stack, "Model")
    assert "Image" in model["PrimaryContainer"]


def test_a_pipeline_of_containers(sagemaker: Any, stack: cdk.Stack, image: Any) -> None:
    bucket = s3.Bucket(stack, "MyBucket")
    model_data = [sagemaker.ModelData.from_bucket(bucket, f"path/to/artifact/{n}.tar.gz") for n in range(3)]

    sagemaker.Model(
        stack,
        "InferencePipelineModel",
        containers=[sagemaker.ContainerDefinition(image=image, model_data=data) for data in model_data],
    )

    (model,) = properties(stack, "Model")
    assert len(model["Containers"]) == 3


def test_network_isolation(sagemaker: Any, stack: cdk.Stack, image: Any) -> None:
    sagemaker.Model(
        stack,
        "ContainerModel",
        containers=[sagemaker.ContainerDefinition(image=image)],
        network_isolation=True,
    )

    (model,) = properties(stack, "Model")
    assert model["EnableNetworkIsolation"] is True


def test_a_deep_learning_container(sagemaker: Any, stack: cdk.Stack) -> None:
    image = sagemaker.ContainerImage.from_dlc(
        "huggingface-pytorch-training", "1.13.1-transformers4.26.0-gpu-py39-cu117-ubuntu20.04"
    )
    sagemaker.Model(stack, "Model", containers=[sagemaker.ContainerDefinition(image=image)])

    (model,) = properties(stack, "Model")
    uri = "".join(str(part) for part in model["PrimaryContainer"]["Image"]["Fn::Join"][1])
    assert uri.endswith("/huggingface-pytorch-training:1.13.1-transformers4.26.0-gpu-py39-cu117-ubuntu20.04")


def test_two_variants_that_share_the_traffic(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    other = sagemaker.Model.from_model_name(stack, "Other", "other")
    sagemaker.EndpointConfig(
        stack,
        "EndpointConfig",
        instance_production_variants=[
            sagemaker.InstanceProductionVariantProps(model=model, variant_name="modelA", initial_variant_weight=2),
            sagemaker.InstanceProductionVariantProps(model=other, variant_name="variantB", initial_variant_weight=1),
        ],
    )

    (config,) = properties(stack, "EndpointConfig")
    assert [variant["InitialVariantWeight"] for variant in config["ProductionVariants"]] == [2, 1]


def test_the_startup_timeout(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    sagemaker.EndpointConfig(
        stack,
        "EndpointConfig",
        instance_production_variants=[
            sagemaker.InstanceProductionVariantProps(
                model=model,
                variant_name="my-variant",
                container_startup_health_check_timeout=cdk.Duration.minutes(5),
            )
        ],
    )

    (config,) = properties(stack, "EndpointConfig")
    assert config["ProductionVariants"][0]["ContainerStartupHealthCheckTimeoutInSeconds"] == 300


def test_serverless_inference(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    sagemaker.EndpointConfig(
        stack,
        "ServerlessEndpointConfig",
        serverless_production_variant=sagemaker.ServerlessProductionVariantProps(
            model=model,
            variant_name="serverlessVariant",
            max_concurrency=10,
            memory_size_in_mb=2048,
            provisioned_concurrency=5,
        ),
    )

    (config,) = properties(stack, "EndpointConfig")
    assert config["ProductionVariants"][0]["ServerlessConfig"] == {
        "MaxConcurrency": 10,
        "MemorySizeInMB": 2048,
        "ProvisionedConcurrency": 5,
    }


def endpoint_of(sagemaker: Any, stack: cdk.Stack, model: Any) -> Any:
    config = sagemaker.EndpointConfig(
        stack,
        "EndpointConfig",
        instance_production_variants=[
            sagemaker.InstanceProductionVariantProps(
                model=model, variant_name="my-variant", instance_type=sagemaker.InstanceType.M5_LARGE
            )
        ],
    )
    return sagemaker.Endpoint(stack, "Endpoint", endpoint_config=config)


def test_autoscaling(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    production_variant = endpoint_of(sagemaker, stack, model).find_instance_production_variant("my-variant")
    instance_count = production_variant.auto_scale_instance_count(max_capacity=3)
    instance_count.scale_on_invocations("LimitRPS", max_requests_per_second=30)

    (policy,) = Template.from_stack(stack).find_resources("AWS::ApplicationAutoScaling::ScalingPolicy").values()
    # 30 requests/s, in a minute, at half of what an instance can answer
    assert policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 900


def test_metrics(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    production_variant = endpoint_of(sagemaker, stack, model).find_instance_production_variant("my-variant")
    production_variant.metric_model_latency().create_alarm(
        stack, "ModelLatencyAlarm", threshold=100000, evaluation_periods=3
    )

    (alarm,) = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    assert (alarm["Properties"]["MetricName"], alarm["Properties"]["Statistic"]) == ("ModelLatency", "Average")


def test_invoking(sagemaker: Any, stack: cdk.Stack, model: Any) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    endpoint_of(sagemaker, stack, model).grant_invoke(role)

    assert "sagemaker:InvokeEndpoint" in str(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))


def test_a_deployed_endpoint_and_its_scaling_stay_when_they_are_told_their_ids() -> None:
    found: list[dict[str, Any]] = []
    ids: list[str] = []
    for library in LIBRARIES:
        stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
        endpoint = endpoint_of(library, stack, library.Model.from_model_name(stack, "Model", "model"))
        count = endpoint.find_instance_production_variant("my-variant").auto_scale_instance_count(max_capacity=3)
        if ids:  # as docs/from-alpha.md has it
            endpoint.node.default_child.override_logical_id(ids[0])
            count.node.find_child("Target").node.default_child.override_logical_id(ids[1])
        template = Template.from_stack(stack)
        kinds = ("AWS::SageMaker::Endpoint", "AWS::ApplicationAutoScaling::ScalableTarget")
        found.append({name: one for kind in kinds for name, one in template.find_resources(kind).items()})
        ids = list(found[0])

    there, here = found
    assert list(there) == list(here)
    assert there[ids[1]] == here[ids[1]]
