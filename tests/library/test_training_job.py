from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from library.job_examples import IMAGE
from library.templates import only, statement
from sagemaker_hosting import (
    Architecture,
    ContainerImage,
    InputMode,
    InstanceType,
    JobNetwork,
    ModelPackageGroup,
    ModelRegistration,
    SamplePayloads,
    SpotTraining,
    TrainingChannel,
    TrainingJob,
    ValidationError,
)

if TYPE_CHECKING:
    from library.templates import Inputs

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "data")


def job(stack: cdk.Stack, bucket: s3.IBucket, **arguments: Any) -> TrainingJob:
    given = {
        "channels": {"training": TrainingChannel(bucket=bucket, prefix="training/")},
        "image": ContainerImage.from_uri(IMAGE),
        "output_bucket": bucket,
        "output_prefix": "models",
        **arguments,
    }
    return TrainingJob(stack, "Job", **given)


def request(stack: cdk.Stack, state: str = "Create") -> dict[str, Any]:
    """Return the parameters of a state, with a word for every token."""
    text = only(stack, "AWS::StepFunctions::StateMachine")["DefinitionString"]
    parts = "".join(part if isinstance(part, str) else "TOKEN" for part in text["Fn::Join"][1])
    found: dict[str, Any] = json.loads(parts)["States"][state]["Parameters"]
    return found


def test_the_job_reads_its_channels_and_writes_its_models_and_no_other_objects(
    stack: cdk.Stack, bucket: s3.IBucket
) -> None:
    job(stack, bucket)

    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/training/*"
    assert statement(stack, "s3:PutObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/models/*"
    assert statement(stack, "s3:ListBucket")["Condition"] == {"StringLike": {"s3:prefix": "training/*"}}
    assert statement(stack, "ecr:BatchGetImage")["Resource"]["Fn::Join"][1][-1].endswith(":repository/iris")


def test_an_image_that_is_built_is_built_for_the_instances(
    stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs
) -> None:
    made = job(stack, bucket, image=inputs.image())

    assert made.image_architecture is Architecture.X86_64
    assert "container-assets" in str(statement(stack, "ecr:BatchGetImage")["Resource"])


def test_every_option_reaches_the_request(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a", "b"], private_subnet_ids=["subnet-1", "subnet-2"]
    )
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    job(
        stack,
        bucket,
        encrypt_traffic=True,
        encryption_key=key,
        environment={"LEVEL": "debug"},
        max_runtime=cdk.Duration.hours(1),
        metrics={"accuracy": "accuracy: ([0-9.]+)"},
        network=JobNetwork(vpc=vpc),
        network_isolation=True,
        output_encryption_key=key,
        spot=SpotTraining(max_wait=cdk.Duration.hours(2), checkpoint_bucket=bucket, checkpoint_prefix="checkpoints"),
    )

    found = request(stack)
    assert found["AlgorithmSpecification"]["MetricDefinitions"] == [
        {"Name": "accuracy", "Regex": "accuracy: ([0-9.]+)"}
    ]
    assert found["CheckpointConfig"] == {"S3Uri.$": "States.Format('s3://data/checkpoints/{}', $.name)"}
    assert found["EnableInterContainerTrafficEncryption"] is True
    assert found["EnableManagedSpotTraining"] is True
    assert found["EnableNetworkIsolation"] is True
    assert found["Environment"] == {"LEVEL": "debug"}
    assert found["OutputDataConfig"] == {"KmsKeyId": KEY, "S3OutputPath": "s3://data/models"}
    assert found["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert found["VpcConfig"] == {"SecurityGroupIds": ["TOKEN"], "Subnets": ["subnet-1", "subnet-2"]}
    assert statement(stack, "ec2:CreateNetworkInterface")["Resource"] == "*"
    assert statement(stack, "kms:CreateGrant")["Resource"] == KEY


def test_a_channel_is_described_as_it_is_given(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    channel = TrainingChannel(
        bucket=bucket,
        prefix="records/",
        content_type="application/x-recordio",
        gzipped=True,
        input_mode=InputMode.PIPE,
        record_io=True,
        sharded=True,
        shuffle_seed=7,
    )
    job(stack, bucket, channels={"a-b.c": channel})

    assert request(stack)["InputDataConfig"] == [
        {
            "ChannelName": "a-b.c",
            "CompressionType": "Gzip",
            "ContentType": "application/x-recordio",
            "DataSource": {
                "S3DataSource": {
                    "S3DataDistributionType": "ShardedByS3Key",
                    "S3DataType": "S3Prefix",
                    "S3Uri.$": "$.merged.channels['a-b.c']",
                }
            },
            "InputMode": "Pipe",
            "RecordWrapperType": "RecordIO",
            "ShuffleConfig": {"Seed": 7},
        }
    ]


def test_a_version_is_registered_in_its_group_and_in_no_other(
    stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs
) -> None:
    group = ModelPackageGroup.from_model_package_group_name(stack, "Group", "Iris")
    payloads = SamplePayloads.from_directory(inputs.payloads)
    job(stack, bucket, registration=ModelRegistration(model_package_group=group, payloads=payloads))

    named = [resource["Fn::Join"][1][-1] for resource in statement(stack, "sagemaker:CreateModelPackage")["Resource"]]
    assert named == [":model-package-group/iris", ":model-package/iris/*"]
    assert request(stack, "Register")["InferenceSpecification"]["SupportedContentTypes"] == ["text/csv"]


def test_a_version_is_registered_in_a_group_of_another_account(
    stack: cdk.Stack, bucket: s3.IBucket, inputs: Inputs
) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:999988887777:model-package-group/iris"
    group = ModelPackageGroup.from_model_package_group_arn(stack, "Group", arn)
    payloads = SamplePayloads.from_directory(inputs.payloads)
    job(stack, bucket, registration=ModelRegistration(model_package_group=group, payloads=payloads))

    assert request(stack, "Register")["ModelPackageGroupName"] == arn
    assert statement(stack, "sagemaker:CreateModelPackage")["Resource"] == [
        arn,
        "arn:aws:sagemaker:eu-central-1:999988887777:model-package/iris/*",
    ]


def test_a_long_job_is_asked_for_less_often(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    job(stack, bucket, max_runtime=cdk.Duration.days(28))

    text = json.dumps(only(stack, "AWS::StepFunctions::StateMachine")["DefinitionString"])
    assert r"\"Seconds\":1212" in text.replace(r"\\", "\\")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": {}}, "channels must be 1 to 20 channels, got 0"),
        ({"hyperparameters": {"depth": 4}}, r"hyperparameters\['depth'\] must be text, got 4"),
        (
            {"hyperparameters": {"depth": "4" * 2501}},
            r"hyperparameters\['depth'\] must be 0 to 2500 characters, got 2501",
        ),
        ({"metrics": {"accuracy": ""}}, r"metrics\['accuracy'\] must be 1 to 500 characters, got 0"),
        (
            {"metrics": {"a": "a: [0-9]+"}},
            r"metrics\['a'\] must have a group that matches the value, got 'a: \[0-9\]\+'",
        ),
        ({"instance_count": 0}, "instance_count must be at least 1 instances, got 0"),
        (
            {"instance_type": InstanceType.T2_MEDIUM},
            "instance_type must be among the 225 types that SageMaker offers for training, got 'ml.t2",
        ),
        ({"max_runtime": cdk.Duration.days(29)}, "max_runtime must be 1 to 2419200 seconds, got 2505600"),
        (
            {"spot": SpotTraining(max_wait=cdk.Duration.hours(1))},
            "spot.max_wait must be 86400 to 2419200 seconds, got 3600",
        ),
        ({"volume_size_in_gb": 0}, "volume_size_in_gb must be 1 to 16384 GB, got 0"),
        ({"output_prefix": "models/"}, "output_prefix must be a folder without a slash at either end"),
        ({"timeout": cdk.Duration.seconds(59)}, "timeout must be 60 to 31536000 seconds, got 59"),
        (
            {"timeout": cdk.Duration.days(1), "check_interval": cdk.Duration.seconds(43)},
            "check_interval must be 44 to 86400 seconds, got 43",
        ),
    ],
)
def test_fails_for_what_sagemaker_refuses(
    stack: cdk.Stack, bucket: s3.IBucket, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        job(stack, bucket, **arguments)


def test_fails_for_options_of_pipes_without_a_pipe(bucket: s3.IBucket) -> None:
    with pytest.raises(ValidationError, match=r"gzipped must be False unless input_mode is InputMode\.PIPE"):
        TrainingChannel(bucket=bucket, prefix="training/", gzipped=True)


def test_fails_for_a_prefix_that_no_key_begins_with(bucket: s3.IBucket) -> None:
    with pytest.raises(ValidationError, match="prefix must be what the keys begin with, such as 'training/'"):
        TrainingChannel(bucket=bucket, prefix="/x")


def test_fails_for_half_a_place_of_checkpoints(bucket: s3.IBucket) -> None:
    with pytest.raises(ValidationError, match="must be given both or not at all"):
        SpotTraining(max_wait=cdk.Duration.hours(1), checkpoint_bucket=bucket)


def test_a_security_group_is_made_only_if_none_is_given(stack: cdk.Stack, bucket: s3.IBucket) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    job(stack, bucket, network=JobNetwork(vpc=vpc, security_groups=[group]))

    assert request(stack)["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    Template.from_stack(stack).resource_count_is("AWS::EC2::SecurityGroup", 0)
