from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from library.templates import logical_id, only, statement, statements
from sagemaker_hosting import (
    Algorithm,
    AlgorithmInference,
    AlgorithmValidation,
    ChannelSpecification,
    ContainerDescription,
    ContainerImage,
    Hyperparameter,
    InstanceType,
    ModelPackage,
    ModelPackageGroup,
    SourceAlgorithm,
    ValidationChannel,
    ValidationError,
    ValidationTransform,
)
from sagemaker_hosting.preflight import check_file, check_template

if TYPE_CHECKING:
    from library.templates import Inputs

ALGORITHM = "AWS::SageMaker::Algorithm"
CALL = "Custom::SageMakerAlgorithm"
IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/trees@sha256:" + "0" * 64
ACCURACY = "validation-accuracy: ([0-9.]+)"
M5 = [InstanceType.M5_LARGE]


def algorithm(stack: cdk.Stack, **arguments: Any) -> Algorithm:
    given: dict[str, Any] = {
        "channels": [ChannelSpecification(name="training", content_types=["text/csv"])],
        "supported_training_instance_types": M5,
        "training_image": ContainerImage.from_uri(IMAGE),
        **arguments,
    }
    return Algorithm(stack, "Trees", **given)


def inference(**arguments: Any) -> AlgorithmInference:
    given: dict[str, Any] = {
        "supported_content_types": ["text/csv"],
        "supported_response_types": ["text/csv"],
        "supported_realtime_inference_instance_types": M5,
        "supported_transform_instance_types": M5,
        **arguments,
    }
    return AlgorithmInference(**given)


def validation(stack: cdk.Stack, **arguments: Any) -> AlgorithmValidation:
    bucket = s3.Bucket.from_bucket_name(stack, "Samples", "samples")
    given: dict[str, Any] = {
        "channels": [ValidationChannel(name="training", bucket=bucket, prefix="training/", content_type="text/csv")],
        "instance_type": InstanceType.M5_LARGE,
        "output_bucket": bucket,
        "output_prefix": "trained",
        "transform": ValidationTransform(
            input_bucket=bucket,
            input_prefix="transform/",
            output_bucket=bucket,
            output_prefix="answers",
            content_type="text/csv",
            instance_type=InstanceType.M5_LARGE,
        ),
        **arguments,
    }
    return AlgorithmValidation(**given)


def request(template: Template) -> dict[str, Any]:
    """Return what the custom resource sends, references as their JSON."""
    ((_, resource),) = template.find_resources(CALL).items()
    create = resource["Properties"]["Create"]
    parts = [create] if isinstance(create, str) else create["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in parts)
    sent: dict[str, Any] = json.loads(text)
    assert (sent["service"], sent["action"]) == ("SageMaker", "createAlgorithm")
    found: dict[str, Any] = sent["parameters"]
    return found


def test_an_algorithm_says_how_it_is_trained_told_measured_and_tuned(stack: cdk.Stack) -> None:
    algorithm(
        stack,
        description="Decision trees",
        hyperparameters=[Hyperparameter.integer("max_depth", minimum=1, maximum=8, default=4, tunable=True)],
        metrics={"validation:accuracy": ACCURACY},
        supports_distributed_training=False,
        training_image_digest="sha256:" + "0" * 64,
        tuning_objectives={"validation:accuracy": "Maximize"},
    )
    properties = only(stack, ALGORITHM)

    assert properties["AlgorithmDescription"] == "Decision trees"
    assert properties["TrainingSpecification"] == {
        "MetricDefinitions": [{"Name": "validation:accuracy", "Regex": ACCURACY}],
        "SupportedHyperParameters": [
            {
                "Name": "max_depth",
                "Type": "Integer",
                "DefaultValue": "4",
                "IsRequired": False,
                "IsTunable": True,
                "Range": {"IntegerParameterRangeSpecification": {"MinValue": "1", "MaxValue": "8"}},
            }
        ],
        "SupportedTrainingInstanceTypes": ["ml.m5.large"],
        "SupportedTuningJobObjectiveMetrics": [{"MetricName": "validation:accuracy", "Type": "Maximize"}],
        "SupportsDistributedTraining": False,
        "TrainingChannels": [
            {
                "Name": "training",
                "IsRequired": True,
                "SupportedContentTypes": ["text/csv"],
                "SupportedInputModes": ["File"],
            }
        ],
        "TrainingImage": IMAGE,
        "TrainingImageDigest": "sha256:" + "0" * 64,
    }
    assert check_template(Template.from_stack(stack).to_json(), region="eu-central-1") == []


def test_a_channel_says_what_it_takes() -> None:
    channel = ChannelSpecification(
        name="validation",
        content_types=["text/csv", "application/x-npy"],
        compression_types=["None", "Gzip"],
        description="Rows that are kept back",
        input_modes=["File", "FastFile", "Pipe"],
        required=False,
    )

    assert channel.describe() == {
        "Name": "validation",
        "Description": "Rows that are kept back",
        "IsRequired": False,
        "SupportedCompressionTypes": ["None", "Gzip"],
        "SupportedContentTypes": ["text/csv", "application/x-npy"],
        "SupportedInputModes": ["File", "FastFile", "Pipe"],
    }


def test_inference_runs_in_the_image_that_trains_unless_another_is_given(stack: cdk.Stack) -> None:
    algorithm(stack, inference=inference(container_description=ContainerDescription(framework="ONNX")))
    other = cdk.Stack(cdk.App(), "Other")
    another = IMAGE.replace("trees", "serve")
    algorithm(other, inference=inference(image=ContainerImage.from_uri(another)))

    (container,) = only(stack, ALGORITHM)["InferenceSpecification"]["Containers"]
    assert container == {"Image": IMAGE, "Framework": "ONNX"}
    (container,) = only(other, ALGORITHM)["InferenceSpecification"]["Containers"]
    assert container == {"Image": another}


def test_an_image_is_built_for_the_architecture_that_is_asked_for(inputs: Inputs) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    algorithm(stack, training_image=inputs.image())
    assembly = Path(app.synth().directory)
    (image,) = json.loads((assembly / "Stack.assets.json").read_text())["dockerImages"].values()

    assert image["source"]["platform"] == "linux/amd64"


def test_the_name_follows_the_content_because_an_algorithm_cannot_be_changed() -> None:
    names, ids = [], []
    for description in ("one", "two", "two"):
        stack = cdk.Stack(cdk.App(), "Stack")
        algorithm(stack, description=description)
        names.append(only(stack, ALGORITHM)["AlgorithmName"])
        ids.append(logical_id(stack, ALGORITHM))

    assert names[0] != names[1] == names[2]
    assert ids[0] != ids[1] == ids[2]
    assert names[0].startswith("Stack-Trees-")


def test_a_name_of_ones_own_is_kept_and_the_algorithm_too(stack: cdk.Stack) -> None:
    algorithm(stack, algorithm_name="trees")
    ((_, resource),) = Template.from_stack(stack).find_resources(ALGORITHM).items()

    assert resource["Properties"]["AlgorithmName"] == "trees"
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_a_role_that_trains_may_pull_the_image_once_it_gets_the_policy(stack: cdk.Stack) -> None:
    made = algorithm(stack)
    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)
    other = cdk.Stack(cdk.App(), "Other")
    made = algorithm(other)
    made.execution_policy.attach_to_role(iam.Role.from_role_name(other, "Role", "trainer"))

    assert ":repository/trees" in json.dumps(statement(other, "ecr:BatchGetImage")["Resource"])


def test_an_algorithm_for_the_marketplace_is_created_with_its_validation(stack: cdk.Stack) -> None:
    algorithm(
        stack,
        certify_for_marketplace=True,
        hyperparameters=[Hyperparameter.integer("max_depth", minimum=1, maximum=8, required=True)],
        inference=inference(),
        validation=validation(stack, hyperparameters={"max_depth": 3}),
    )
    template = Template.from_stack(stack)
    template.resource_count_is(ALGORITHM, 0)
    sent = request(template)
    (profile,) = sent["ValidationSpecification"]["ValidationProfiles"]

    assert sent["CertifyForMarketplace"] is True
    assert sent["AlgorithmName"].startswith("Stack-Trees-")
    assert profile["ProfileName"] == "validation"
    assert profile["TrainingJobDefinition"] == {
        "HyperParameters": {"max_depth": "3"},
        "InputDataConfig": [
            {
                "ChannelName": "training",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataDistributionType": "FullyReplicated",
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://samples/training/",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://samples/trained"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "TrainingInputMode": "File",
    }
    assert profile["TransformJobDefinition"]["TransformOutput"] == {"S3OutputPath": "s3://samples/answers"}


def test_the_request_is_one_that_the_api_takes(stack: cdk.Stack) -> None:
    import botocore.session
    from botocore.validate import ParamValidator

    algorithm(stack, certify_for_marketplace=True, inference=inference(), validation=validation(stack))
    shape = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateAlgorithm").input_shape
    report = ParamValidator().validate(request(Template.from_stack(stack)), shape)

    assert report.generate_report() == ""


def test_only_this_algorithm_may_be_created_and_only_its_role_be_passed(stack: cdk.Stack) -> None:
    algorithm(stack, validation=validation(stack))
    create, passed = statement(stack, "sagemaker:CreateAlgorithm"), statement(stack, "iam:PassRole")

    assert create["Action"] == ["sagemaker:CreateAlgorithm"]
    assert ":algorithm/stack-trees-" in json.dumps(create["Resource"])
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert not any("*" in action for one in statements(stack) for action in one["Action"])


def test_an_algorithm_that_is_destroyed_with_its_stack_may_be_deleted(stack: cdk.Stack) -> None:
    algorithm(stack, removal_policy=cdk.RemovalPolicy.DESTROY, validation=validation(stack))
    ((_, resource),) = Template.from_stack(stack).find_resources(CALL).items()

    assert "deleteAlgorithm" in json.dumps(resource["Properties"]["Delete"])
    assert statement(stack, "sagemaker:DeleteAlgorithm")


def test_the_validation_has_a_role_of_its_own_unless_it_is_given_one(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Given", "arn:aws:iam::111122223333:role/validation")
    algorithm(stack, validation=validation(stack, role=role))

    assert request(Template.from_stack(stack))["ValidationSpecification"]["ValidationRole"] == role.role_arn


def test_security_checks_and_preflight_find_nothing() -> None:
    app = cdk.App(context={"@aws-cdk/core:validateAgainstDefaultRules": True})
    stack = cdk.Stack(app, "Stack")
    algorithm(stack, certify_for_marketplace=True, inference=inference(), validation=validation(stack))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    assembly = Path(app.synth().directory)
    assert check_file(assembly / "Stack.template.json", region="eu-central-1") == []


def test_an_algorithm_is_imported_by_arn_and_by_name(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:us-east-2:111122223333:algorithm/trees"

    assert Algorithm.from_algorithm_arn(stack, "ByArn", arn).algorithm_name == "trees"
    by_name = Algorithm.from_algorithm_name(stack, "ByName", "Trees")
    assert ":algorithm/trees" in json.dumps(stack.resolve(by_name.algorithm_arn))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"algorithm_name": "-"}, "algorithm_name must be 1 to 63 letters"),
        ({"description": "x" * 1025}, "length of description must be 0 to 1024 characters, got 1025"),
        ({"training_image_digest": "x"}, "training_image_digest must be sha256: and 64 hexadecimal digits, got 'x'"),
        ({"channels": []}, "number of channels must be 1 to 8 channels, got 0"),
        (
            {"channels": [ChannelSpecification(name="a", content_types=["b"])] * 2},
            r"channels must have names of their own, got \['a', 'a'\]",
        ),
        ({"supported_training_instance_types": []}, "supported_training_instance_types must hold at least one type"),
        (
            {"supported_training_instance_types": [InstanceType.T2_MEDIUM]},
            "must be among the [0-9]+ types that SageMaker offers for training, got 'ml.t2.medium'",
        ),
        ({"hyperparameters": [Hyperparameter.integer(f"a{i}") for i in range(101)]}, "must be 0 to 100 .* got 101"),
        ({"hyperparameters": [Hyperparameter.integer("a")] * 2}, "hyperparameters must have names of their own"),
        ({"metrics": {f"a{i}": "(.)" for i in range(41)}}, "number of metrics must be 0 to 40 metrics, got 41"),
        ({"metrics": {"": "(.)"}}, "length of names of metrics must be 1 to 255 characters, got 0"),
        ({"metrics": {"a": "(" + "x" * 500 + ")"}}, r"length of metrics\['a'\] must be 1 to 500 characters, got 502"),
        ({"metrics": {"a": "("}}, r"metrics\['a'\] must be a regular expression, got '\('"),
        ({"metrics": {"a": "x"}}, r"metrics\['a'\] must have a group that matches the value, got 'x'"),
        ({"tuning_objectives": {"a": "Maximize"}}, "tuning_objectives must be among metrics, got 'a'"),
        (
            {"metrics": {"a": "(.)"}, "tuning_objectives": {"a": "Up"}},
            r"tuning_objectives\['a'\] must be Maximize or Minimize, got 'Up'",
        ),
        ({"certify_for_marketplace": True}, "validation must be given together with certify_for_marketplace"),
    ],
)
def test_fails_for_an_algorithm_outside_the_limits(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        algorithm(stack, **arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": ""}, "name must be 1 to 64 letters, digits, dots, hyphens and underscores, got ''"),
        ({"content_types": []}, "content_types must hold at least one type, got none"),
        ({"content_types": ["x" * 257]}, "content_types must be types of 1 to 256 characters"),
        ({"compression_types": ["Zip"]}, "compression_types must be None or Gzip, got 'Zip'"),
        ({"input_modes": []}, "input_modes must hold at least one mode, got none"),
        ({"input_modes": ["Tape"]}, "input_modes must be File or FastFile or Pipe, got 'Tape'"),
        ({"description": "x" * 1025}, "length of description must be 0 to 1024 characters, got 1025"),
    ],
)
def test_fails_for_a_channel_outside_the_limits(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ChannelSpecification(**{"name": "training", "content_types": ["text/csv"], **arguments})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"channels": []}, "number of channels must be 1 to 20 channels, got 0"),
        ({"output_prefix": "a/"}, "output_prefix must be a folder without a slash at either end, got 'a/'"),
        ({"input_mode": "Tape"}, "input_mode must be File or FastFile or Pipe, got 'Tape'"),
        ({"instance_count": 0}, "instance_count must be at least 1 instances, got 0"),
        ({"max_runtime": cdk.Duration.seconds(0)}, "max_runtime must be at least 1 seconds, got 0"),
        ({"volume_size": cdk.Size.mebibytes(512)}, "volume_size must be at least 1 GiB, got 0.5"),
        ({"profile_name": "-"}, "profile_name must be 1 to 63 letters"),
        (
            {"instance_type": InstanceType.T2_MEDIUM},
            "among the [0-9]+ types that SageMaker offers for training",
        ),
        ({"hyperparameters": {f"a{i}": 1 for i in range(101)}}, "number of hyperparameters must be 0 to 100"),
    ],
)
def test_fails_for_a_validation_outside_the_limits(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        validation(stack, **arguments)


def test_fails_for_a_validation_that_is_not_of_this_algorithm(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Other", "other")
    with pytest.raises(ValidationError) as error:
        algorithm(
            stack,
            hyperparameters=[Hyperparameter.integer("depth", required=True)],
            validation=validation(
                stack,
                channels=[ValidationChannel(name="train", bucket=bucket, prefix="a")],
                hyperparameters={"dept": 1},
            ),
        )

    assert error.value.problems == (
        "channels of validation must be those of the algorithm, got ['train']",
        "channels of validation must hold every required one, got none of ['training']",
        "hyperparameters of validation must be declared ones, got ['dept']",
        "hyperparameters of validation must hold every required one, got none of ['depth']",
    )


def test_fails_for_inference_without_types() -> None:
    with pytest.raises(ValidationError, match="supported_transform_instance_types must hold at least one type"):
        inference(supported_transform_instance_types=[])


def test_a_package_is_made_of_an_algorithm_and_a_training_result(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Results", "results")
    ModelPackage(
        stack,
        "Package",
        model_package_group=ModelPackageGroup(stack, "Group"),
        source_algorithm=SourceAlgorithm(
            algorithm=Algorithm.from_algorithm_name(stack, "Algorithm", "trees"),
            bucket=bucket,
            object_key="job-1/output/model.tar.gz",
        ),
    )
    properties = only(stack, "AWS::SageMaker::ModelPackage")
    (source,) = properties["SourceAlgorithmSpecification"]["SourceAlgorithms"]

    assert source["ModelDataUrl"] == "s3://results/job-1/output/model.tar.gz"
    assert ":algorithm/trees" in json.dumps(source["AlgorithmName"])
    assert "InferenceSpecification" not in properties


def test_fails_for_a_training_result_that_is_no_archive(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"object_key must end in '\.tar\.gz', got 'model\.zip'"):
        SourceAlgorithm(
            algorithm=Algorithm.from_algorithm_name(stack, "Algorithm", "trees"),
            bucket=s3.Bucket.from_bucket_name(stack, "Results", "results"),
            object_key="model.zip",
        )
