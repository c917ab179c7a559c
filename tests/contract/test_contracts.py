"""What two parts of the repository agree on, without importing each other."""

from __future__ import annotations

import dataclasses
import io
import re
import tarfile
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    Endpoint,
    Model,
    ModelData,
    SamplePayload,
    SamplePayloads,
    SmokeTest,
)
from serving import loader
from serving.config import Config
from smoke_test import handler, payloads
from stacks.environments import ENVIRONMENTS, LOCAL, HostingEnvironment

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


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, LOCAL], ids=lambda environment: environment.name)
def test_the_framework_of_every_model_has_its_requirements(environment: HostingEnvironment) -> None:
    assert (ROOT / "container" / "requirements" / f"{environment.model.framework}.txt").is_file()
