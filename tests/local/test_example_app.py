from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from checkout import ROOT, copy_app
from local.conftest import Project, Twin, keep_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def example(target: Path) -> Project:
    """Copy this repository's own app."""
    root = copy_app(target).root
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    (root / "tmp").mkdir()
    return Project(root, root / "tmp")


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    yield from keep_running(example(tmp_path_factory.mktemp("example")), "Hosting-local")


def test_the_endpoint_predicts_from_a_csv_row(iris: Twin) -> None:
    name = iris.outputs("Hosting-local")["EndpointName"]
    response = iris.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body="5.1,3.5,1.4,0.2", ContentType="text/csv", Accept="text/csv"
    )

    assert response["Body"].read() == b"setosa\n"


def test_the_deployed_function_finds_all_predictions_right(iris: Twin) -> None:
    response = iris.client("lambda").invoke(FunctionName=iris.outputs("Hosting-local")["SmokeTestFunctionName"])
    report = json.loads(response["Payload"].read())

    assert report["passed"] is True
    assert len(report["results"]) >= 2
    assert {result["status"] for result in report["results"]} == {200}


def test_the_registry_holds_version_1_of_what_is_hosted(iris: Twin) -> None:
    sagemaker = iris.client("sagemaker")
    outputs = iris.outputs("Hosting-local")
    config = sagemaker.describe_endpoint(EndpointName=outputs["EndpointName"])["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    hosted = sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]
    (version,) = sagemaker.list_model_packages(ModelPackageGroupName=outputs["ModelPackageGroupName"])[
        "ModelPackageSummaryList"
    ]
    package = sagemaker.describe_model_package(ModelPackageName=version["ModelPackageArn"])
    (registered,) = package["InferenceSpecification"]["Containers"]

    assert version["ModelPackageVersion"] == 1
    assert registered["Image"] == hosted["Image"]
    assert registered["ModelDataUrl"] == hosted["ModelDataSource"]["S3DataSource"]["S3Uri"]


def test_the_second_example_tells_its_test_pictures_apart(tmp_path: Path) -> None:
    result = example(tmp_path).deploy("Hosting-local-recycling", "--invoke", "SmokeTestFunctionName")

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count('"passed": true') == 4
    for label in ("glass_bottle", "paper", "plastic_bottle"):
        assert f'"answer": "{{\\"label\\": \\"{label}\\"' in result.stdout


def test_fails_with_the_traceback_of_the_handler(tmp_path: Path) -> None:
    project = example(tmp_path)
    code = project.directory / "models" / "iris" / "code" / "inference.py"
    code.write_text(code.read_text().replace("    return joblib.load(", '    raise LookupError("no tree here")\n    ('))
    result = project.deploy("Hosting-local")

    assert result.returncode == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert "code/inference.py" in result.stderr
    assert "LookupError: no tree here" in result.stderr
