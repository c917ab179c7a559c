"""What two parts of the repository agree on, without importing each other."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    Endpoint,
    Hyperparameter,
    Model,
    ModelData,
    SamplePayload,
    SamplePayloads,
    SmokeTest,
)
from sagemaker_hosting.hyperparameter_file import DECLARATION
from sagemaker_hosting.preflight import check_template
from serving import hyperparameters, loader
from serving.config import Config
from serving.contracts import CONTRACTS
from smoke_test import handler, payloads
from stacks.environments import ENVIRONMENTS, LOCAL, HostingEnvironment
from stacks.environments import IRIS as IRIS_SETTINGS

if TYPE_CHECKING:
    from serving.contracts.contract import Contract

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"


def synthesized(stack: cdk.Stack, app: cdk.App) -> tuple[Template, Path]:
    return Template.from_stack(stack), Path(app.synth().directory)


def test_the_smoke_test_is_given_the_variables_that_it_reads_and_no_other() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "iris")
    SmokeTest(stack, "Test", endpoint=endpoint, payloads=SamplePayloads.from_directory(IRIS / "payloads"))
    template, _ = synthesized(stack, app)
    ((_, function),) = template.find_resources("AWS::Lambda::Function").items()
    read = re.findall(r'os\.environ\["(\w+)"\]', Path(handler.__file__).read_text(encoding="utf-8"))

    assert sorted(function["Properties"]["Environment"]["Variables"]) == sorted(set(read))


def test_the_manifest_has_the_fields_on_both_sides() -> None:
    library = {field.name for field in dataclasses.fields(SamplePayload)}
    function = {field.name for field in dataclasses.fields(payloads.Payload)}

    assert library == function


def test_the_smoke_test_reads_the_archive_that_the_library_writes(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    samples = SamplePayloads.from_directory(IRIS / "payloads")
    samples.bind_all(cdk.Stack(app, "Stack"))
    app.synth()
    (archive,) = tmp_path.glob("asset.*.tar.gz")

    class S3:
        def get_object(self, **_: str) -> dict[str, io.BytesIO]:
            return {"Body": io.BytesIO(archive.read_bytes())}

    read = payloads.read_payloads(S3(), "bucket", "key")
    assert [(entry.name, entry.content_type, entry.accept, entry.tolerance) for entry in read] == [
        (entry.name, entry.content_type, entry.accept, entry.tolerance) for entry in samples.payloads
    ]
    assert [entry.body for entry in read] == [
        (IRIS / "payloads" / entry.body).read_bytes() for entry in samples.payloads
    ]


def test_the_container_loads_the_archive_that_the_library_packs(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "assembly"))
    stack = cdk.Stack(app, "Stack")
    data = ModelData.from_directory(IRIS / "model", code=IRIS / "code")
    image = ContainerImage.from_asset(ROOT / "container")
    Model(stack, "Model", containers=[ContainerDefinition(image=image, model_data=data)])
    app.synth()
    (archive,) = (tmp_path / "assembly").glob("asset.*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "base" / "model", filter="data")

    loaded = loader.load(Config.from_env({"SAGEMAKER_BASE_DIR": str(tmp_path / "base")}))
    assert "predict_fn" in loaded.contract


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_preflight_accepts_what_the_container_serves(contract: Contract, tmp_path: Path) -> None:
    names = [function.name for function in contract.functions]
    lines = [f"def {function.name}({', '.join(function.parameters)}): ..." for function in contract.functions]
    source = "class Model:\n    def predict(self, data): ..." if names == ["Model"] else "\n".join(lines)
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in (("model.txt", "weights"), ("code/inference.py", source)):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    container = {
        "Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1",
        "ModelDataUrl": "s3://models/a1b2c3d4.tar.gz",
    }
    properties = {"ExecutionRoleArn": "arn:aws:iam::111122223333:role/a", "PrimaryContainer": container}
    template = {"Resources": {"Model": {"Type": "AWS::SageMaker::Model", "Properties": properties}}}
    broken = source.replace("(", "(a, b, c, d, e, f, g, ") if names != ["Model"] else "class Other: ..."

    def handler_findings() -> list[str]:
        found = check_template(template, assets={"a1b2c3d4": archive})
        return [finding.rule for finding in found if finding.rule.startswith("handler-")]

    assert handler_findings() == []
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(broken)
        tar.addfile(member, io.BytesIO(broken.encode()))
    assert handler_findings()


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, *LOCAL], ids=lambda environment: environment.name)
def test_the_framework_of_every_model_has_its_requirements(environment: HostingEnvironment) -> None:
    assert (ROOT / "container" / "requirements" / f"{environment.model.framework}.txt").is_file()


@pytest.mark.parametrize("environment", LOCAL, ids=lambda environment: environment.model.name)
def test_make_demo_trains_a_model_and_deploys_its_stack(environment: HostingEnvironment) -> None:
    command = ["make", "--dry-run", "demo", f"MODEL={environment.model.name}"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    (framework,) = re.findall(r"FRAMEWORK=(\S+)", printed)
    assert (ROOT / "container" / "requirements" / f"{framework}.txt").is_file()
    assert re.findall(r"--channel (\w+)=(\S+)", printed) == [
        (channel.name, str(channel.relative_to(ROOT)))
        for channel in sorted((environment.model.directory / "data").glob("*"))
    ]
    assert re.findall(r"sagemaker-local deploy (\S+)", printed) == [f"Hosting-{environment.name}"]


def test_the_container_types_what_the_algorithm_declares() -> None:
    declared = Hyperparameter.from_file(IRIS / "train" / DECLARATION)
    # As SageMaker passes them: the defaults, as text.
    given = {one["Name"]: one["DefaultValue"] for one in (parameter.describe() for parameter in declared)}

    assert hyperparameters.DECLARATION == DECLARATION
    assert hyperparameters.declared(IRIS / "train" / "train.py", given) == {one.name: one.default for one in declared}


def test_the_example_trains_with_what_it_declares() -> None:
    given = json.loads((IRIS / "hyperparameters.json").read_text())
    values = hyperparameters.declared(IRIS / "train" / "train.py", given)

    assert values is not None
    assert {name: type(value) for name, value in values.items()} == {
        "criterion": str,
        "max_depth": int,
        "max_leaf_nodes": int,
        "validation_fraction": float,
    }


def test_the_registry_names_the_version_of_scikit_learn_that_the_image_installs() -> None:
    container = IRIS_SETTINGS.container
    requirements = (ROOT / "container" / "requirements" / f"{IRIS_SETTINGS.framework}.txt").read_text()

    assert container is not None
    assert f"scikit-learn=={container.framework_version} " in requirements
