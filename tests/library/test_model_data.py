from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets

from library.templates import Encrypting, only, statement, statements
from sagemaker_hosting import ContainerDefinition, ContainerImage, Model, ModelData, ValidationError

if TYPE_CHECKING:
    from library.templates import Inputs

ARCHIVE = Path(__file__).parents[2] / "examples" / "model_data" / "model.tar.gz"


def archive_of(inputs: Inputs, data: ModelData) -> Path:
    """Synthesize a model with this data and return the archive that would be uploaded."""
    app = cdk.App(analytics_reporting=False)
    Model(cdk.Stack(app, "Stack"), "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=data)])
    (archive,) = Path(app.synth().directory).glob("asset.*.gz")
    return archive


def source_of(stack: cdk.Stack) -> dict[str, object]:
    source: dict[str, object] = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataSource"][
        "S3DataSource"
    ]
    return source


def test_a_directory_becomes_an_archive_with_its_files_at_the_root_and_the_code_in_code(inputs: Inputs) -> None:
    (inputs.model / "weights").mkdir()
    (inputs.model / "weights" / "1.bin").write_bytes(b"\0" * 100)

    with tarfile.open(archive_of(inputs, inputs.data())) as archive:
        assert archive.getnames() == ["code/inference.py", "model.txt", "weights/1.bin"]


def test_the_archive_says_nothing_of_the_machine_that_packed_it(inputs: Inputs) -> None:
    (inputs.model / "run.sh").write_text("#!/bin/sh\n")
    (inputs.model / "run.sh").chmod(0o700)
    (inputs.model / "model.txt").chmod(0o600)
    path = archive_of(inputs, inputs.data())

    with tarfile.open(path) as archive:
        members = {member.name: member for member in archive}
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members.values()} == {
        (0, 0, 0, "", "")
    }
    assert {name: member.mode for name, member in members.items()} == {
        "code/inference.py": 0o644,
        "model.txt": 0o644,
        "run.sh": 0o755,
    }
    assert path.read_bytes()[4:8] == b"\0\0\0\0"


def test_the_same_content_gives_the_same_bytes_and_key_whenever_it_was_written(inputs: Inputs) -> None:
    first = archive_of(inputs, inputs.data())
    for path in inputs.root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = archive_of(inputs, inputs.data())

    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_one_changed_byte_gives_another_key(inputs: Inputs) -> None:
    before = archive_of(inputs, inputs.data()).name
    (inputs.model / "model.txt").write_text("Weights")

    assert archive_of(inputs, inputs.data()).name != before


def test_a_renamed_file_gives_another_key(inputs: Inputs) -> None:
    before = archive_of(inputs, inputs.data()).name
    (inputs.model / "model.txt").rename(inputs.model / "model2.txt")

    assert archive_of(inputs, inputs.data()).name != before


def test_byte_code_and_what_is_excluded_stay_out(inputs: Inputs) -> None:
    (inputs.code / "__pycache__").mkdir()
    (inputs.code / "__pycache__" / "inference.cpython-311.pyc").write_bytes(b"")
    (inputs.code / "notes.md").write_text("")
    data = ModelData.from_directory(inputs.model, code=inputs.code, exclude=["*.md"])

    with tarfile.open(archive_of(inputs, data)) as archive:
        assert archive.getnames() == ["code/inference.py", "model.txt"]


def test_a_link_inside_the_directory_is_packed_as_what_it_points_to(inputs: Inputs) -> None:
    (inputs.model / "latest.txt").symlink_to("model.txt")

    with tarfile.open(archive_of(inputs, inputs.data())) as archive:
        member = archive.getmember("latest.txt")
        assert member.isfile()
        assert member.size == len("weights")


def test_the_archive_is_declared_as_gzip_because_its_key_does_not_end_in_tar_gz(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data())])

    source = source_of(stack)
    assert (source["S3DataType"], source["CompressionType"]) == ("S3Object", "Gzip")


def test_an_archive_in_a_bucket_is_read_by_its_very_key(inputs: Inputs, stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    data = ModelData.from_bucket(bucket, "iris/1/model.tar.gz")
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=data)])

    assert source_of(stack)["S3Uri"] == "s3://models/iris/1/model.tar.gz"
    assert statement(stack, "s3:GetObject")["Resource"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::models/iris/1/model.tar.gz"]]
    }


def test_a_prefix_is_taken_uncompressed_and_only_it_can_be_listed(inputs: Inputs, stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    data = ModelData.from_prefix(bucket, "llm/7b/")
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=data)])

    assert source_of(stack) == {"S3Uri": "s3://models/llm/7b/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    assert statement(stack, "s3:ListBucket")["Condition"] == {"StringLike": {"s3:prefix": "llm/7b/*"}}


def test_an_existing_archive_is_uploaded_as_it_is(inputs: Inputs, tmp_path: Path) -> None:
    path = tmp_path / "trained.tar.gz"
    path.write_bytes(gzip.compress(b"not even a tar"))

    assert archive_of(inputs, ModelData.from_asset(path)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("is_packed", [True, False])
def test_an_asset_can_be_decrypted_where_its_bucket_has_a_key(inputs: Inputs, is_packed: bool) -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack", synthesizer=Encrypting())
    data = inputs.data() if is_packed else ModelData.from_asset(ARCHIVE)
    image = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")
    Model(stack, "Model", containers=[ContainerDefinition(image=image, model_data=data)])

    assert statement(stack, "kms:Decrypt")["Resource"] == "arn:aws:kms:eu-central-1:111122223333:key/assets"


def test_models_of_a_stack_share_the_asset_of_one_archive_and_each_may_read_it(inputs: Inputs) -> None:
    app = cdk.App(analytics_reporting=False)
    stacks = [cdk.Stack(app, name) for name in ("Stack", "Other")]
    image = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")
    for stack in stacks:
        for name in ("A", "B"):
            Model(stack, name, containers=[ContainerDefinition(image=image, model_data=inputs.data())])

    for stack in stacks:
        one, other = [found["Resource"] for found in statements(stack) if "s3:GetObject" in found["Action"]]
        assert one == other
        assert len([each for each in stack.node.find_all() if isinstance(each, s3_assets.Asset)]) == 1


def test_fails_for_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"directory must be an existing directory, got '.*/missing'"):
        ModelData.from_directory(tmp_path / "missing")


def test_fails_for_a_directory_without_files(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="directory must hold at least one file"):
        ModelData.from_directory(tmp_path)


def test_fails_for_a_link_that_leaves_the_directory(inputs: Inputs) -> None:
    (inputs.model / "hosts").symlink_to("/etc/hosts")

    with pytest.raises(ValidationError, match="must not hold links that leave it: 'hosts' points to '/etc/hosts'"):
        ModelData.from_directory(inputs.model)


def test_fails_for_a_link_to_nothing(inputs: Inputs) -> None:
    (inputs.model / "gone").symlink_to("nowhere")

    with pytest.raises(ValidationError, match="must not hold broken links: 'gone'"):
        ModelData.from_directory(inputs.model)


def test_fails_for_a_link_to_a_directory(inputs: Inputs) -> None:
    (inputs.model / "weights").mkdir()
    (inputs.model / "latest").symlink_to("weights")

    with pytest.raises(ValidationError, match="must not hold links to directories: 'latest'"):
        ModelData.from_directory(inputs.model)


def test_fails_if_model_and_code_hold_the_same_file(inputs: Inputs) -> None:
    (inputs.model / "code").mkdir()
    (inputs.model / "code" / "inference.py").write_text("")

    with pytest.raises(ValidationError, match=r"directory must not hold 'code/inference.py' when code is given"):
        inputs.data()


def test_fails_for_an_archive_that_is_not_a_tar_gz(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.touch()

    with pytest.raises(ValidationError, match=r"path must be a '\.tar\.gz' archive, got '.*/model\.zip'"):
        ModelData.from_asset(path)


def test_fails_for_an_archive_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="path must be an existing file"):
        ModelData.from_asset(tmp_path / "model.tar.gz")


@pytest.mark.parametrize("prefix", ["llm", "/llm/", ""])
def test_fails_for_a_prefix_that_is_not_a_folder(stack: cdk.Stack, prefix: str) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")

    with pytest.raises(ValidationError, match="prefix must end in '/'"):
        ModelData.from_prefix(bucket, prefix)


def test_fails_for_an_object_that_is_no_archive(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")

    with pytest.raises(ValidationError, match=r"object_key must end in '\.tar\.gz', got 'model\.bin'"):
        ModelData.from_bucket(bucket, "model.bin")
