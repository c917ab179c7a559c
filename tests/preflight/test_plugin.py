import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker

from preflight.preflight_examples import write_asset
from sagemaker_hosting.preflight import RULES, SageMakerPreflight

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1"
ROLE = "arn:aws:iam::111122223333:role/hosting"


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(SageMakerPreflight())
    return app


def add_config(scope: cdk.Stack, **variant: Any) -> sagemaker.CfnEndpointConfig:
    given: dict[str, Any] = {
        "variantName": "AllTraffic",
        "modelName": "iris",
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 1,
    }
    return sagemaker.CfnEndpointConfig(scope, "Config", production_variants=[given | variant])


def violations(app: cdk.App) -> list[dict[str, Any]]:
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    return [one for plugin in report["pluginReports"] for one in plugin["violations"]]


def test_an_app_without_mistakes_is_synthesized(app: cdk.App) -> None:
    add_config(cdk.Stack(app, "Hosting"))

    assert app.synth().get_stack_by_name("Hosting").template["Resources"]


def test_fails_the_synth_with_the_construct_the_property_and_the_fix(app: cdk.App) -> None:
    add_config(cdk.Stack(app, "Hosting"), initialInstanceCount=0)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    (violation,) = violations(app)
    assert violation["ruleName"] == "property-range"
    assert violation["severity"] == "error"
    assert violation["description"].startswith("ProductionVariants.0.InitialInstanceCount must be 1 or more, got 0.")
    assert violation["suggestedFix"] == "Use 1 or more."
    (construct,) = violation["violatingConstructs"]
    assert construct["constructPath"] == "Hosting/Config"
    assert construct["cloudFormationResource"]["propertyPaths"] == [
        "Properties.ProductionVariants.0.InitialInstanceCount"
    ]


def test_a_warning_is_reported_and_does_not_fail_the_synth(app: cdk.App) -> None:
    config = add_config(cdk.Stack(app, "Hosting"))
    config.endpoint_config_name = "iris"

    app.synth()

    assert [one["ruleName"] for one in violations(app)] == ["fixed-name"]


def test_warnings_can_be_left_out(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(SageMakerPreflight(warnings=False))
    add_config(cdk.Stack(app, "Hosting")).endpoint_config_name = "iris"

    app.synth()

    assert not (Path(app.outdir) / "validation-report.json").exists() or violations(app) == []


def test_a_finding_can_be_acknowledged_where_it_occurs(app: cdk.App) -> None:
    config = add_config(cdk.Stack(app, "Hosting"), initialInstanceCount=0)
    cdk.Validations.of(config).acknowledge(
        cdk.Acknowledgment(id="SageMaker-Preflight::property-range", reason="replaced by a macro")
    )

    app.synth()

    assert violations(app) == []


def in_a_stage(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(cdk.Stage(app, "Prod"), "Hosting")


def in_a_nested_stack(app: cdk.App) -> cdk.Stack:
    return cdk.NestedStack(cdk.Stack(app, "Hosting"), "Nested")


@pytest.mark.parametrize("place", [in_a_stage, in_a_nested_stack])
def test_fails_for_mistakes_in_stages_and_nested_stacks(app: cdk.App, place: Callable[[cdk.App], cdk.Stack]) -> None:
    add_config(place(app), initialInstanceCount=0)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def test_fails_for_an_image_of_another_region_than_that_of_the_stack(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Hosting", env=cdk.Environment(account="111122223333", region="us-east-1"))
    container = sagemaker.CfnModel.ContainerDefinitionProperty(image=IMAGE)
    sagemaker.CfnModel(stack, "Model", execution_role_arn=ROLE, primary_container=container)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert [one["ruleName"] for one in violations(app)] == ["image-region"]


def test_fails_for_mistakes_inside_the_assets_of_the_app(app: cdk.App, tmp_path: Path) -> None:
    stack = cdk.Stack(app, "Hosting")
    files = {"iris/model.json": "{}", "iris/code/inference.py": "def predict_fn(data):\n    return data\n"}
    archive = s3_assets.Asset(stack, "Archive", path=str(write_asset(tmp_path / "model.tar.gz", files)))
    context = write_asset(tmp_path / "image", {"Dockerfile": "FROM python:3.12\nCMD python -m serving\n"})
    image = ecr_assets.DockerImageAsset(stack, "Image", directory=str(context))
    container = sagemaker.CfnModel.ContainerDefinitionProperty(
        image=image.image_uri, model_data_url=archive.s3_object_url
    )
    sagemaker.CfnModel(stack, "Model", execution_role_arn=ROLE, primary_container=container)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert {one["ruleName"] for one in violations(app)} == {
        "archive-nested",
        "handler-place",
        "dockerfile-serve-missing",
    }


def test_the_plugin_names_itself_and_its_rules() -> None:
    plugin = SageMakerPreflight()

    assert plugin.name == "SageMaker Preflight"
    assert plugin.rule_ids == [rule.id for rule in RULES]
    assert plugin.version
