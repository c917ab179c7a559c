from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match, Template

from sagemaker_hosting import Architecture, ContainerDefinition, ContainerImage, Model, ModelData, ValidationError

if TYPE_CHECKING:
    from library.templates import Inputs

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/iris:1"
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model/iris"


def assets(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    """The assets of the stack, as the deployment finds them."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    directory = Path(app.synth().directory)
    manifest = json.loads((directory / f"{stack.artifact_id}.assets.json").read_text())
    return [found for found in manifest[kind].values() if "template" not in str(found["source"].get("path"))]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(b"an archive")
    return path


def test_an_image_is_built_as_the_arguments_say(stack: cdk.Stack, inputs: Inputs) -> None:
    image = ContainerImage.from_asset(
        inputs.context,
        asset_name="server",
        build_args={"PYTHON": "3.12"},
        build_contexts={"weights": "docker-image://weights:1"},
        build_secrets={"token": cdk.DockerBuildSecret.from_src("token.txt")},
        build_ssh="default",
        cache_disabled=True,
        cache_from=[ecr_assets.DockerCacheOption(type="gha")],
        cache_to=ecr_assets.DockerCacheOption(type="inline"),
        display_name="The server",
        network_mode=ecr_assets.NetworkMode.HOST,
        outputs=["type=docker"],
    )

    Model(stack, "Model", containers=[ContainerDefinition(image=image)])

    (asset,) = assets(stack, "dockerImages")
    source = asset["source"]
    assert asset["displayName"] == "The server"
    assert source["dockerBuildArgs"] == {"PYTHON": "3.12"}
    assert source["dockerBuildContexts"] == {"weights": "docker-image://weights:1"}
    assert source["dockerBuildSecrets"] == {"token": "src=token.txt"}
    assert source["dockerBuildSsh"] == "default"
    assert source["cacheDisabled"] is True
    assert source["cacheFrom"] == [{"type": "gha"}]
    assert source["cacheTo"] == {"type": "inline"}
    assert source["networkMode"] == "host"
    assert source["dockerOutputs"] == ["type=docker"]
    assert source["platform"] == "linux/amd64"


def test_an_image_is_another_with_another_text_in_its_hash(stack: cdk.Stack, inputs: Inputs) -> None:
    for index, text in enumerate(("one", "two")):
        image = ContainerImage.from_asset(inputs.context, extra_hash=text)
        Model(stack, f"Model{index}", containers=[ContainerDefinition(image=image)])

    assert len(assets(stack, "dockerImages")) == 2


def test_what_is_left_out_of_the_hash_makes_no_other_image(stack: cdk.Stack, inputs: Inputs) -> None:
    for index, text in enumerate(("one", "two")):
        image = ContainerImage.from_asset(
            inputs.context,
            extra_hash=text,
            invalidation=ecr_assets.DockerImageAssetInvalidationOptions(extra_hash=False),
        )
        Model(stack, f"Model{index}", containers=[ContainerDefinition(image=image)])

    assert len(assets(stack, "dockerImages")) == 1


def test_patterns_are_read_in_the_way_that_is_named(stack: cdk.Stack, inputs: Inputs) -> None:
    for name in ("keep.txt", "drop.txt"):
        (inputs.context / name).write_text(name)
    image = ContainerImage.from_asset(inputs.context, exclude=["drop.*"], ignore_mode=cdk.IgnoreMode.GLOB)

    Model(stack, "Model", containers=[ContainerDefinition(image=image)])

    (asset,) = assets(stack, "dockerImages")
    app = stack.node.root
    assert isinstance(app, cdk.App)
    staged = Path(app.synth().directory) / asset["source"]["directory"]
    assert sorted(path.name for path in staged.iterdir()) == ["Dockerfile", "keep.txt"]


def test_links_are_replaced_by_what_they_name(stack: cdk.Stack, inputs: Inputs, archive: Path) -> None:
    (inputs.context / "link").symlink_to(archive)
    image = ContainerImage.from_asset(inputs.context, follow_symlinks=cdk.SymlinkFollowMode.ALWAYS)

    Model(stack, "Model", containers=[ContainerDefinition(image=image)])

    (asset,) = assets(stack, "dockerImages")
    app = stack.node.root
    assert isinstance(app, cdk.App)
    link = Path(app.synth().directory) / asset["source"]["directory"] / "link"
    assert not link.is_symlink()
    assert link.read_bytes() == archive.read_bytes()


def test_a_platform_may_be_said_that_is_the_one_of_the_model(stack: cdk.Stack, inputs: Inputs) -> None:
    image = ContainerImage.from_asset(inputs.context, platform=ecr_assets.Platform.LINUX_ARM64)

    Model(stack, "Model", image_architecture=Architecture.ARM_64, containers=[ContainerDefinition(image=image)])

    assert assets(stack, "dockerImages")[0]["source"]["platform"] == "linux/arm64"


def test_fails_when_the_platform_is_not_that_of_the_model(stack: cdk.Stack, inputs: Inputs) -> None:
    image = ContainerImage.from_asset(inputs.context, platform=ecr_assets.Platform.LINUX_ARM64)

    with pytest.raises(
        ValidationError, match="platform must be that of the model's instances, 'linux/amd64', got 'linux/arm64'"
    ):
        Model(stack, "Model", containers=[ContainerDefinition(image=image)])


def test_fails_when_the_name_of_the_dockerfile_is_empty(inputs: Inputs) -> None:
    with pytest.raises(ValidationError, match="file must name an existing Dockerfile"):
        ContainerImage.from_asset(inputs.context, file="")


def test_an_archive_is_uploaded_as_the_arguments_say(stack: cdk.Stack, archive: Path) -> None:
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    data = ModelData.from_asset(
        archive,
        asset_hash="version 1",
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        display_name="The weights",
        readers=[reader],
    )

    Model(stack, "Model", containers=[ContainerDefinition(image=ContainerImage.from_uri(IMAGE), model_data=data)])

    (asset,) = assets(stack, "files")
    assert asset["displayName"] == "The weights"
    (destination,) = asset["destinations"].values()
    assert destination["objectKey"] == f"{hashlib.sha256(b'version 1').hexdigest()}.gz"
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (of_reader,) = [found for name, found in policies.items() if name.startswith("Reader")]
    assert "s3:GetObject*" in of_reader["Properties"]["PolicyDocument"]["Statement"][0]["Action"]


def test_patterns_leave_an_archive_as_it_is(stack: cdk.Stack, archive: Path) -> None:
    image = ContainerImage.from_uri(IMAGE)
    for index, exclude in enumerate((None, ["*.txt"])):
        data = ModelData.from_asset(
            archive, exclude=exclude, ignore_mode=cdk.IgnoreMode.GLOB, follow_symlinks=cdk.SymlinkFollowMode.ALWAYS
        )
        Model(stack, f"Model{index}", containers=[ContainerDefinition(image=image, model_data=data)])

    assert len(assets(stack, "files")) == 1


def test_the_security_groups_of_an_imported_model_are_opened(stack: cdk.Stack) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345678")
    other = ec2.SecurityGroup.from_security_group_id(stack, "Other", "sg-87654321")

    model = Model.from_model_attributes(stack, "Model", model_arn=ARN, security_groups=[group])

    model.connections.allow_from(other, ec2.Port.tcp(443))
    other.connections.allow_from(model, ec2.Port.tcp(444))
    rules = Template.from_stack(stack).find_resources("AWS::EC2::SecurityGroupIngress").values()
    assert {
        (rule["Properties"]["GroupId"], rule["Properties"]["SourceSecurityGroupId"], rule["Properties"]["FromPort"])
        for rule in rules
    } == {("sg-12345678", "sg-87654321", 443), ("sg-87654321", "sg-12345678", 444)}


def test_fails_when_an_imported_model_has_no_security_group_that_is_known(stack: cdk.Stack) -> None:
    model = Model.from_model_arn(stack, "Model", ARN)

    with pytest.raises(ValidationError, match="security_groups must be given to manage connections, got none"):
        _ = model.connections


def test_the_role_of_an_imported_model_gets_what_it_is_granted(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = Model.from_model_attributes(stack, "Model", model_arn=ARN, role=role)

    model.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[f"{ARN}-table"]))
    iam.Grant.add_to_principal(grantee=model, actions=["s3:GetObject"], resource_arns=[f"{ARN}-object"])

    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    actions = [statement["Action"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert actions == ["dynamodb:GetItem", "s3:GetObject"]


def test_a_grant_to_an_imported_model_whose_role_is_not_known_says_so(stack: cdk.Stack) -> None:
    model = Model.from_model_arn(stack, "Model", ARN)

    model.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[f"{ARN}-table"]))
    iam.Grant.add_to_principal(grantee=model, actions=["s3:GetObject"], resource_arns=[f"{ARN}-object"])

    Annotations.from_stack(stack).has_warning(
        "/Stack/Model", Match.string_like_regexp("Add statement to.*s3:GetObject")
    )
    assert not Template.from_stack(stack).find_resources("AWS::IAM::Policy")
