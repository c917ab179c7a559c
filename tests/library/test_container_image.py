from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr

from library.templates import only, statement
from sagemaker_hosting import (
    Architecture,
    ContainerDefinition,
    ContainerImage,
    ContainerImageConfig,
    Model,
    Permission,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from library.templates import Inputs


def image_of(stack: cdk.Stack) -> object:
    return only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Image"]


def build_of(image: ContainerImage, **arguments: Any) -> dict[str, Any]:
    """Synthesize a model with this image and return how it would be built."""
    app = cdk.App(analytics_reporting=False)
    Model(cdk.Stack(app, "Stack"), "Model", containers=[ContainerDefinition(image=image)], **arguments)
    manifest = json.loads((Path(app.synth().directory) / "Stack.assets.json").read_text())
    ((_, asset),) = manifest["dockerImages"].items()
    source: dict[str, Any] = asset["source"]
    return source


@pytest.mark.parametrize("architecture", Architecture)
def test_an_image_is_built_for_the_architecture_of_the_model(inputs: Inputs, architecture: Architecture) -> None:
    build = build_of(inputs.image(), image_architecture=architecture)

    assert build["platform"] == f"linux/{architecture.value}"


def test_an_image_is_built_with_the_given_file_target_and_arguments(inputs: Inputs) -> None:
    (inputs.context / "Other.Dockerfile").write_text("FROM scratch AS server\n")
    image = ContainerImage.from_asset(
        inputs.context, file="Other.Dockerfile", target="server", build_args={"FRAMEWORK": "sklearn"}
    )
    build = build_of(image)

    assert build["dockerFile"] == "Other.Dockerfile"
    assert build["dockerBuildTarget"] == "server"
    assert build["dockerBuildArgs"] == {"FRAMEWORK": "sklearn"}


def test_byte_code_in_the_context_does_not_change_the_image(inputs: Inputs) -> None:
    before = build_of(inputs.image())
    (inputs.context / "__pycache__").mkdir()
    (inputs.context / "__pycache__" / "serve.cpython-311.pyc").write_bytes(b"x")

    assert build_of(inputs.image()) == before


def test_the_role_can_pull_the_built_image_and_no_other(inputs: Inputs, stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image())])

    pull = statement(stack, "ecr:BatchGetImage")
    assert sorted(pull["Action"]) == [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ]
    assert "container-assets" in json.dumps(pull["Resource"])


def test_an_image_of_a_repository_is_named_by_its_tag(stack: cdk.Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "iris")
    Model(stack, "Model", containers=[ContainerDefinition(image=ContainerImage.from_ecr_repository(repository, "1.2"))])

    assert json.dumps(image_of(stack)).endswith('"/iris:1.2"]]}')
    assert json.dumps(statement(stack, "ecr:BatchGetImage")["Resource"]).endswith('":repository/iris"]]}')


def test_an_image_of_a_repository_is_named_by_its_digest(stack: cdk.Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "iris")
    digest = f"sha256:{'a' * 64}"
    Model(
        stack, "Model", containers=[ContainerDefinition(image=ContainerImage.from_ecr_repository(repository, digest))]
    )

    assert json.dumps(image_of(stack)).endswith(f'"/iris@{digest}"]]}}')


def test_an_image_of_a_uri_is_pulled_from_the_account_and_region_it_names(stack: cdk.Stack) -> None:
    uri = "763104351884.dkr.ecr.eu-central-1.amazonaws.com/pytorch-inference:2.6-cpu-py312"
    Model(stack, "Model", containers=[ContainerDefinition(image=ContainerImage.from_uri(uri))])

    assert image_of(stack) == uri
    assert statement(stack, "ecr:BatchGetImage")["Resource"] == {
        "Fn::Join": [
            "",
            ["arn:", {"Ref": "AWS::Partition"}, ":ecr:eu-central-1:763104351884:repository/pytorch-inference"],
        ]
    }


@pytest.mark.parametrize(
    "uri", ["python:3.11", "ghcr.io/org/image:1", "763104351884.dkr.ecr.eu-central-1.amazonaws.com/x"]
)
def test_fails_for_an_image_that_is_not_in_ecr_or_has_no_tag(uri: str) -> None:
    with pytest.raises(ValidationError, match="SageMaker pulls from Amazon ECR only"):
        ContainerImage.from_uri(uri)


def test_fails_for_a_context_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="directory must be an existing directory"):
        ContainerImage.from_asset(tmp_path / "missing")


def test_fails_for_a_context_without_the_dockerfile(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"file must name an existing Dockerfile, got '.*/Dockerfile'"):
        ContainerImage.from_asset(tmp_path)


def test_an_image_of_ones_own_kind_says_what_its_role_needs(stack: cdk.Stack) -> None:
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/mirror/iris:1"

    class Mirrored(ContainerImage):
        def bind(self, scope: Construct, model: object) -> ContainerImageConfig:
            del scope, model
            allowed = Permission(
                actions=("ecr:BatchGetImage",),
                resources=["arn:aws:ecr:eu-central-1:111122223333:repository/mirror/*"],
                conditions={"StringEquals": {"aws:ResourceAccount": "111122223333"}},
                wildcard_reason="The mirror names its repositories after those of the origin.",
            )
            return ContainerImageConfig(image_name=image, permissions=[allowed])

    model = Model(stack, "Model", containers=[ContainerDefinition(image=Mirrored())])

    found = statement(stack, "ecr:BatchGetImage")
    assert found["Condition"] == {"StringEquals": {"aws:ResourceAccount": "111122223333"}}
    metadata = [entry.data for entry in model.execution_policy.node.metadata if "acknowledged" in entry.type]
    assert any("mirror/*" in finding for each in metadata for finding in each)


@pytest.mark.parametrize(
    ("actions", "resources", "problem"),
    [
        ([], ["arn:aws:s3:::models"], "actions must be at least one IAM action, got none"),
        ("s3:GetObject", ["arn:aws:s3:::models/a"], "actions must be a list of str, got 's3:GetObject'"),
        (["s3:GetObject"], [], "resources must be at least one ARN, got none"),
        (["s3:GetObject"], "arn:aws:s3:::models/a", "resources must be a list of str, got 'arn:aws:s3:::models/a'"),
        (
            ["s3:GetObject"],
            ["arn:aws:s3:::models/a", "arn:aws:s3:::models/*"],
            r"wildcard_reason must be given for a resource with a wildcard, got none for arn:aws:s3:::models/\*",
        ),
    ],
)
def test_fails_for_a_permission_that_no_reviewer_would_pass(
    actions: Sequence[str], resources: Sequence[str], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Permission(actions=actions, resources=resources)
