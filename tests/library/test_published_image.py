from __future__ import annotations

import json
from datetime import date
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.region_info import RegionInfo

from library.templates import only, statements
from sagemaker_hosting import (
    Architecture,
    ContainerDefinition,
    ContainerImage,
    EndpointConfig,
    Framework,
    InstanceType,
    Model,
    Processor,
    ValidationError,
)
from sagemaker_hosting.facts import facts


def stack_in(region: str | None, app: cdk.App | None = None, name: str = "Stack") -> cdk.Stack:
    app = cdk.App(analytics_reporting=False) if app is None else app
    return cdk.Stack(app, name, env=None if region is None else cdk.Environment(region=region))


def model_of(stack: cdk.Stack, *images: ContainerImage, name: str = "Model", **arguments: Any) -> Model:
    return Model(stack, name, containers=[ContainerDefinition(image=image) for image in images], **arguments)


def uri_of(image: ContainerImage, region: str = "eu-central-1", **arguments: Any) -> str:
    """Return the URI of an image in a region, with the domain that CloudFormation fills in."""
    stack = stack_in(region)
    model_of(stack, image, **arguments)
    name = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Image"]
    return (
        name
        if isinstance(name, str)
        else "".join(part if isinstance(part, str) else "?" for part in name["Fn::Join"][1])
    )


# https://github.com/aws/deep-learning-containers/blob/master/available_images.md and
# https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
@pytest.mark.parametrize(
    ("framework", "version", "processor", "expected"),
    [
        (Framework.PYTORCH, "2.6", Processor.CPU, "763104351884|pytorch-inference:2.6.0-cpu-py312"),
        (Framework.PYTORCH, "2.6.0", Processor.GPU, "763104351884|pytorch-inference:2.6.0-gpu-py312"),
        (
            Framework.PYTORCH,
            "2.4.0",
            Processor.GRAVITON,
            "763104351884|pytorch-inference-graviton:2.4.0-cpu-py311-ubuntu22.04-sagemaker",
        ),
        (Framework.TENSORFLOW, "2.19", Processor.GPU, "763104351884|tensorflow-inference:2.19.0-gpu"),
        (Framework.MXNET, "1.9.0", Processor.CPU, "763104351884|mxnet-inference:1.9.0-cpu-py38"),
        (
            Framework.HUGGING_FACE,
            "4.51.3",
            Processor.GPU,
            "763104351884|huggingface-pytorch-inference:2.6.0-transformers4.51.3-gpu-py312-cu124-ubuntu22.04",
        ),
        (
            Framework.HUGGING_FACE_LLM,
            "3.3.6",
            None,
            "763104351884|huggingface-pytorch-tgi-inference:2.7.0-tgi3.3.6-gpu-py311-cu124-ubuntu22.04",
        ),
        (Framework.SCIKIT_LEARN, "1.2-1", None, "492215442770|sagemaker-scikit-learn:1.2-1-cpu-py3"),
        (
            Framework.SCIKIT_LEARN,
            "1.0-1",
            Processor.GRAVITON,
            "492215442770|sagemaker-scikit-learn:1.0-1-arm64-cpu-py3",
        ),
        (Framework.XGBOOST, "1.7-1", None, "492215442770|sagemaker-xgboost:1.7-1"),
        (Framework.TRITON, "24.09", Processor.GPU, "763104351884|sagemaker-tritonserver:24.09-py3"),
        (Framework.DJL_LMI, "0.33", None, "763104351884|djl-inference:0.33.0-lmi15.0.0-cu128"),
        (Framework.NEO_PYTORCH, "1.13", Processor.CPU, "746233611703|sagemaker-inference-pytorch:1.13-cpu-py3"),
        (Framework.NEO_PYTORCH, "1.9", Processor.INFERENTIA, "746233611703|sagemaker-neo-pytorch:1.9-inf-py3"),
    ],
)
def test_a_framework_is_the_image_that_aws_publishes_for_it(
    framework: Framework, version: str, processor: Processor | None, expected: str
) -> None:
    account, _, name = expected.partition("|")
    image = ContainerImage.from_framework(framework, version=version, processor=processor)

    assert uri_of(image) == f"{account}.dkr.ecr.eu-central-1.?/{name}"


@pytest.mark.parametrize("framework", Framework)
def test_every_version_of_every_framework_has_an_image(framework: Framework) -> None:
    assert framework.versions
    for version in framework.versions:
        image = facts("images")["images"][f"{framework.value} {version}"][-1]
        region = next(iter(facts("images")["accounts"][str(image[-1])]))
        made = ContainerImage.from_framework(framework, version=version, processor=Processor(image[0]))
        assert uri_of(made, region).split("/")[1].startswith(image[3] + ":")


@pytest.mark.parametrize(
    ("architecture", "repository"),
    [(Architecture.X86_64, "pytorch-inference"), (Architecture.ARM_64, "pytorch-inference-graviton")],
)
def test_the_image_follows_the_architecture_of_the_model(architecture: Architecture, repository: str) -> None:
    stack = stack_in("eu-central-1")
    model = model_of(
        stack, ContainerImage.from_framework(Framework.PYTORCH, version="2.4"), image_architecture=architecture
    )

    assert f"/{repository}:" in json.dumps(Template.from_stack(stack).to_json())
    assert model.architecture is architecture


def test_the_base_framework_and_the_python_can_be_chosen() -> None:
    base = ContainerImage.from_framework(
        Framework.HUGGING_FACE, version="4.12", base_framework="tensorflow", processor=Processor.CPU
    )
    python = ContainerImage.from_framework(
        Framework.PYTORCH, version="1.8.1", processor=Processor.CPU, python_version="py3"
    )

    assert "/huggingface-tensorflow-inference:2.5.1-transformers4.12.3-cpu-" in uri_of(base)
    assert uri_of(python).endswith("/pytorch-inference:1.8.1-cpu-py3")


def test_the_role_can_pull_exactly_that_repository() -> None:
    stack = stack_in("eu-central-1")
    model_of(stack, ContainerImage.from_framework(Framework.PYTORCH, version="2.6"))

    (pull,) = [one for one in statements(stack) if "ecr:BatchGetImage" in one["Action"]]
    assert pull["Resource"] == {
        "Fn::Join": [
            "",
            ["arn:", {"Ref": "AWS::Partition"}, ":ecr:eu-central-1:763104351884:repository/pytorch-inference"],
        ]
    }


def test_where_the_region_is_not_known_cloudformation_looks_the_account_up_in_one_mapping() -> None:
    stack = stack_in(None)
    images = [
        ContainerImage.from_framework(Framework.PYTORCH, version="2.6"),
        ContainerImage.from_framework(Framework.SCIKIT_LEARN, version="1.2-1"),
        ContainerImage.from_dlc("pytorch-training", "2.6.0-cpu-py312"),
    ]
    for number, image in enumerate(images):
        model_of(stack, image, name=f"Model{number}")
    template = Template.from_stack(stack).to_json()

    (mapping,) = template["Mappings"].values()
    assert sorted(mapping["eu-central-1"].values()) == ["492215442770", "763104351884", "763104351884"]
    assert sorted(mapping["cn-north-1"].values()) == ["450853457545", "727897471807", "727897471807"]
    accounts = [
        resource["Properties"]["PrimaryContainer"]["Image"]["Fn::Join"][1][0]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SageMaker::Model"
    ]
    assert all(account["Fn::FindInMap"][1] == {"Ref": "AWS::Region"} for account in accounts)
    assert len({json.dumps(account) for account in accounts}) == 3


def test_one_image_can_be_used_in_two_stacks_and_twice_in_each() -> None:
    app = cdk.App(analytics_reporting=False)
    image = ContainerImage.from_dlc("pytorch-inference", "2.6.0-cpu-py312")
    stacks = [stack_in(None, app, name) for name in ("One", "Two")]
    for stack in stacks:
        model_of(stack, image, name="First")
        model_of(stack, image, name="Second")

    for stack in stacks:
        Template.from_stack(stack).resource_count_is("AWS::SageMaker::Model", 2)


def test_a_deep_learning_container_can_come_from_a_given_account() -> None:
    image = ContainerImage.from_dlc("pytorch-inference", "2.6.0-cpu-py312", "111122223333")

    assert uri_of(image) == "111122223333.dkr.ecr.eu-central-1.?/pytorch-inference:2.6.0-cpu-py312"


def test_a_deep_learning_container_that_is_newer_than_the_data_has_the_account_of_all_others() -> None:
    image = ContainerImage.from_dlc("framework-of-tomorrow", "1.0")

    assert uri_of(image, "ca-west-1") == "204538143572.dkr.ecr.ca-west-1.?/framework-of-tomorrow:1.0"


def test_the_accounts_agree_with_the_cdk_and_know_regions_that_it_lacks() -> None:
    images = facts("images")
    ours = images["accounts"][str(images["repositories"][""])]
    theirs = {one.name: one.dlc_repository_account for one in RegionInfo.regions if one.dlc_repository_account}

    assert {region: ours.get(region) for region in theirs} == theirs
    assert len(set(ours) - set(theirs)) >= 10


def test_the_data_is_dated_and_names_its_source() -> None:
    source = facts("images")["source"]

    assert source["url"] == f"https://pypi.org/project/sagemaker/{source['version']}/"
    assert date.fromisoformat(source["date"]) <= date.today()  # noqa: DTZ011  a date without a time


def test_scikit_learn_is_told_its_script_and_pytorch_only_if_it_is_another_one() -> None:
    told = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}

    def environment(image: ContainerImage) -> Any:
        stack = stack_in("eu-central-1")
        model_of(stack, image)
        return only(stack, "AWS::SageMaker::Model")["PrimaryContainer"].get("Environment")

    assert environment(ContainerImage.from_framework(Framework.SCIKIT_LEARN, version="1.2-1")) == told
    assert environment(ContainerImage.from_framework(Framework.PYTORCH, version="2.6")) is None
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.6", entry_point="serve.py")
    assert environment(image) == {**told, "SAGEMAKER_PROGRAM": "serve.py"}


def test_the_environment_of_the_container_takes_precedence() -> None:
    stack = stack_in("eu-central-1")
    image = ContainerImage.from_framework(Framework.SCIKIT_LEARN, version="1.2-1")
    given = {"SAGEMAKER_PROGRAM": "other.py", "A": "b"}
    Model(stack, "Model", containers=[ContainerDefinition(image=image, environment=given)])

    assert only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Environment"] == {
        "A": "b",
        "SAGEMAKER_PROGRAM": "other.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }


def test_fails_for_a_version_that_there_is_no_image_of() -> None:
    with pytest.raises(
        ValidationError, match=r"version must be one of 0\.20\.0, 0\.23-1, 1\.0-1, 1\.2-1 for SCIKIT_LEARN, got '1\.9'"
    ):
        ContainerImage.from_framework(Framework.SCIKIT_LEARN, version="1.9")


def test_fails_for_half_a_number_of_a_version() -> None:
    with pytest.raises(ValidationError, match="version must be one of"):
        ContainerImage.from_framework(Framework.PYTORCH, version="2.6.00")


def test_fails_for_a_processor_that_there_is_no_image_for() -> None:
    with pytest.raises(ValidationError, match=r"processor must be one of CPU, GPU for PYTORCH 2\.6, got GRAVITON"):
        ContainerImage.from_framework(Framework.PYTORCH, version="2.6", processor=Processor.GRAVITON)


def test_fails_for_a_python_or_base_framework_that_there_is_not() -> None:
    with pytest.raises(ValidationError) as raised:
        ContainerImage.from_framework(Framework.PYTORCH, version="2.6", python_version="py27", base_framework="jax")

    assert raised.value.problems == (
        "python_version must be py312 for PYTORCH 2.6, got 'py27'",
        "base_framework must be left out for PYTORCH 2.6, got 'jax'",
    )


def test_fails_for_a_combination_that_there_is_not() -> None:
    with pytest.raises(
        ValidationError, match=r"must go together for HUGGING_FACE 4\.51, which has GPU py312 pytorch2\.6"
    ):
        ContainerImage.from_framework(
            Framework.HUGGING_FACE, version="4.51", processor=Processor.NEURONX, base_framework="pytorch2.6"
        )


def test_fails_for_a_graviton_model_of_a_version_without_such_an_image() -> None:
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.6")

    with pytest.raises(ValidationError, match="there is no image of this version for arm64"):
        model_of(stack_in("eu-central-1"), image, image_architecture=Architecture.ARM_64)


def test_fails_for_a_region_that_an_image_is_not_published_in() -> None:
    image = ContainerImage.from_framework(Framework.NEO_PYTORCH, version="1.13")

    with pytest.raises(
        ValidationError, match=r"in a region that AWS publishes it in, which are af-south-1, .*got 'mx-ce"
    ):
        model_of(stack_in("mx-central-1"), image)


def test_fails_for_an_account_that_is_none() -> None:
    with pytest.raises(ValidationError, match="account_id must be 12 digits, got '1234'"):
        ContainerImage.from_dlc("pytorch-inference", "2.6.0-cpu-py312", "1234")


def test_fails_for_a_graviton_image_on_other_instances() -> None:
    stack = stack_in("eu-central-1")
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.4", processor=Processor.GRAVITON)
    model = model_of(stack, image)

    with pytest.raises(
        ValidationError, match=r"ml\.m5\.large runs amd64 images, but the model's image is built for arm64"
    ):
        EndpointConfig(stack, "Config").add_instance_production_variant(
            model=model, variant_name="main", instance_type=InstanceType.M5_LARGE
        )


def test_fails_for_containers_of_different_architectures() -> None:
    images = [
        ContainerImage.from_framework(Framework.PYTORCH, version="2.4", processor=processor)
        for processor in (Processor.GRAVITON, Processor.CPU)
    ]

    with pytest.raises(ValidationError, match="containers must have images of one architecture"):
        model_of(stack_in("eu-central-1"), *images)
