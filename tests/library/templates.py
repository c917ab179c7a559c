from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    HostedModel,
    Model,
    ModelData,
    SamplePayloads,
)

if TYPE_CHECKING:
    from pathlib import Path


class Encrypting(cdk.DefaultStackSynthesizer):
    """Publishes assets to a bucket that encrypts with a key of its own."""

    def add_file_asset(self, *_: Any, **__: Any) -> cdk.FileAssetLocation:
        return cdk.FileAssetLocation(
            bucket_name="assets",
            http_url="https://assets.s3.eu-central-1.amazonaws.com/iris.gz",
            kms_key_arn="arn:aws:kms:eu-central-1:111122223333:key/assets",
            object_key="iris.gz",
            s3_object_url="s3://assets/iris.gz",
        )


@dataclass(frozen=True)
class Inputs:
    """Directories of a small model."""

    root: Path

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def code(self) -> Path:
        return self.root / "code"

    @property
    def context(self) -> Path:
        return self.root / "context"

    @property
    def payloads(self) -> Path:
        return self.root / "payloads"

    def image(self) -> ContainerImage:
        return ContainerImage.from_asset(self.context)

    def data(self) -> ModelData:
        return ModelData.from_directory(self.model, code=self.code)

    def hosted(self, stack: cdk.Stack, **arguments: Any) -> HostedModel:
        given = {
            "image": self.image(),
            "model_data": self.data(),
            "payloads": SamplePayloads.from_directory(self.payloads),
            **arguments,
        }
        return HostedModel(stack, "Iris", **given)


def small_model(stack: cdk.Stack, name: str = "Model") -> Model:
    """Return a model whose image is in ECR already."""
    image = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1")
    return Model(stack, name, containers=[ContainerDefinition(image=image)])


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    """Return the properties of the one resource of a type."""
    ((_, resource),) = Template.from_stack(stack).find_resources(kind).items()
    found: dict[str, Any] = resource["Properties"]
    return found


def logical_id(stack: cdk.Stack, kind: str) -> str:
    """Return the logical id of the one resource of a type."""
    (name,) = Template.from_stack(stack).find_resources(kind)
    return str(name)


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    """Return the statements of all policies, actions always as lists."""
    found = [
        dict(statement)
        for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    for statement in found:
        if isinstance(statement["Action"], str):
            statement["Action"] = [statement["Action"]]
    return found


def statement(stack: cdk.Stack, action: str) -> dict[str, Any]:
    """Return the one statement of all policies that allows an action."""
    (found,) = [entry for entry in statements(stack) if action in entry["Action"]]
    return found
