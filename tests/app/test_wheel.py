from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

APP = """
import aws_cdk as cdk
from aws_cdk import aws_lambda, aws_s3
import sagemaker_hosting
from sagemaker_hosting import ContainerImage, HostedModel, InstanceType, ModelData, SamplePayloads

class Service(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        models = aws_s3.Bucket(self, "Models")
        caller = aws_lambda.Function(
            self, "Caller", code=aws_lambda.Code.from_inline("def handler(event, context): ..."),
            handler="index.handler", runtime=aws_lambda.Runtime.PYTHON_3_14,
        )
        hosted = HostedModel(
            self, "Classifier",
            image=ContainerImage.from_asset("image"),
            model_data=ModelData.from_bucket(models, "classifier/7/model.tar.gz"),
            payloads=SamplePayloads.from_directory("payloads"),
            instance_type=InstanceType.C7_G_LARGE,
        )
        hosted.endpoint.grant_invoke(caller)
        caller.add_environment("ENDPOINT_NAME", hosted.endpoint.endpoint_name)

app = cdk.App(outdir="assembly")
Service(app, "Service")
app.synth()
print(sagemaker_hosting.__file__)
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = target.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory into which the wheel alone was installed."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def environment(installed: Path) -> dict[str, str]:
    """Return an environment in which the installed wheel comes before the checkout."""
    return {**os.environ, "PYTHONPATH": str(installed), "CDK_VALIDATION": "false"}


def test_the_wheel_holds_the_packages_and_what_they_deploy_and_nothing_at_its_top_that_others_own(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "sagemaker_hosting",
        "sagemaker_local",
    }
    assert "sagemaker_hosting/py.typed" in names
    assert "sagemaker_hosting/_bundle/lambda/smoke_test/handler.py" in names
    assert "sagemaker_hosting/_bundle/container/Dockerfile" in names
    assert not [name for name in names if "__pycache__" in name]


def test_another_app_composes_the_installed_library_with_its_own_bucket_and_function(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "payloads").mkdir()
    (tmp_path / "payloads" / "in.csv").write_text("1\n")
    (tmp_path / "payloads" / "payloads.json").write_text(
        '{"payloads": [{"name": "one", "body": "in.csv", "content_type": "text/csv", "accept": "text/csv"}]}'
    )
    result = subprocess.run(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env=environment(installed),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str(installed / "sagemaker_hosting" / "__init__.py")
    template = tmp_path / "assembly" / "Service.template.json"
    assert "AWS::SageMaker::Endpoint" in template.read_text()
    assert "smoke_test.handler.handler" in template.read_text()
    checked = subprocess.run(
        [sys.executable, "-m", "sagemaker_hosting.preflight", template],
        cwd=tmp_path,
        env=environment(installed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_tests_of_the_library_pass_against_the_wheel(installed: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "tests/library"]
    result = subprocess.run(
        [*command, "-o", "pythonpath=tests"],
        cwd=ROOT,
        env=environment(installed),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout
