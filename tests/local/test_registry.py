"""Deployed again and again onto one embedded AWS, each time by the real CLI."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.conftest import ROOT, TINY_APP, Project, keep_running
from sagemaker_local.cdk_cli import CdkCli
from sagemaker_local.environment import aws_variables, isolated
from sagemaker_local.errors import LocalError
from sagemaker_local.registered_model import resolve_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.conftest import Twin

REGISTRY_APP = Path(__file__).with_name("registry_app")


def registry_project(tmp_path: Path, **values: object) -> Project:
    """Copy an app that registers a model, with its settings."""
    directory = tmp_path / "app"
    shutil.copytree(REGISTRY_APP, directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / "cdk.json").write_text('{"app": "false"}')
    (directory / "settings.json").write_text(json.dumps(values))
    shutil.copytree(TINY_APP / "image", directory / "image")
    (directory / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "tmp").mkdir()
    return Project(directory, tmp_path / "tmp")


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    """Return the app, deployed once."""
    yield from keep_running(registry_project(tmp_path))


@pytest.fixture
def hosting_twin(tmp_path: Path) -> Iterator[Twin]:
    """Return the app with an endpoint that hosts the version."""
    yield from keep_running(registry_project(tmp_path, hosted=True, approval="Approved"))


def deploy_again(twin: Twin) -> None:
    """Run ``cdk deploy`` against the embedded AWS that is running."""
    empty = twin.project.temporary / "no-aws-config"
    empty.touch()
    environment = isolated(os.environ, aws_variables(twin.url, "us-east-1", empty))
    CdkCli(twin.project.directory, environment, twin.project.temporary).run(
        "deploy", "--app", f"{sys.executable} app.py", "--method", "direct", "--require-approval", "never"
    )


def change_model(twin: Twin, text: str) -> None:
    (twin.project.directory / "model" / "model.txt").write_text(text)


def settings(twin: Twin, **values: str) -> None:
    (twin.project.directory / "settings.json").write_text(json.dumps(values))


def versions(twin: Twin) -> dict[int, dict[str, Any]]:
    """Return the versions of the group by their numbers."""
    sagemaker = twin.client("sagemaker")
    listed = sagemaker.list_model_packages(ModelPackageGroupName="irises")["ModelPackageSummaryList"]
    found = [sagemaker.describe_model_package(ModelPackageName=one["ModelPackageArn"]) for one in listed]
    return {one["ModelPackageVersion"]: {**one, "ResponseMetadata": None} for one in found}


def model_data(version: dict[str, Any]) -> str:
    (container,) = version["InferenceSpecification"]["Containers"]
    return str(container["ModelDataUrl"])


def test_a_version_is_registered_for_each_changed_model_and_old_ones_stay(twin: Twin) -> None:
    first = versions(twin)
    assert list(first) == [1]
    (container,) = first[1]["InferenceSpecification"]["Containers"]
    assert (container["Framework"], container["FrameworkVersion"]) == ("SAGEMAKER-SCIKIT-LEARN", "1.9.1")

    deploy_again(twin)
    assert versions(twin) == first

    change_model(twin, "two")
    deploy_again(twin)
    second = versions(twin)
    assert sorted(second) == [1, 2]
    assert second[1] == first[1]
    assert model_data(second[2]) != model_data(second[1])

    settings(twin, approval="Approved")
    deploy_again(twin)
    approved = versions(twin)
    assert sorted(approved) == [1, 2]
    assert [approved[number]["ModelApprovalStatus"] for number in (1, 2)] == ["PendingManualApproval", "Approved"]
    assert approved[2]["CreationTime"] == second[2]["CreationTime"]


def test_a_deleted_version_is_gone_and_its_number_is_not_given_again(twin: Twin) -> None:
    settings(twin, removal="DESTROY")
    deploy_again(twin)
    change_model(twin, "two")
    deploy_again(twin)

    assert list(versions(twin)) == [2]


def test_an_endpoint_runs_what_the_registry_has(hosting_twin: Twin) -> None:
    response = hosting_twin.client("sagemaker-runtime").invoke_endpoint(EndpointName="irises", Body=b"hello")
    answer = json.loads(response["Body"].read())

    assert (answer["model"].strip(), answer["greeting"]) == ("one", "hello")
    assert (answer["variables"]["LEVEL"], answer["variables"]["COLOR"]) == ("info", "blue")


@pytest.mark.parametrize(
    ("status", "containers", "problem"),
    [
        ("PendingManualApproval", 1, "is PendingManualApproval: SageMaker hosts approved versions only"),
        ("Approved", 2, "has 2 containers: pipelines do not run locally yet"),
    ],
)
def test_fails_for_a_version_that_cannot_be_hosted(status: str, containers: int, problem: str) -> None:
    class Registry:
        def describe_model_package(self, **_: str) -> dict[str, Any]:
            return {
                "ModelPackageGroupName": "irises",
                "ModelApprovalStatus": status,
                "InferenceSpecification": {"Containers": [{"Image": "a"}] * containers},
            }

    with pytest.raises(LocalError, match=problem):
        resolve_package({"ModelPackageName": "arn"}, Registry())
