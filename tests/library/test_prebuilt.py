from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from library.templates import only
from sagemaker_hosting import (
    ContainerImage,
    Framework,
    InstanceType,
    ModelData,
    ModelDomain,
    ModelTask,
    ValidationError,
)
from sagemaker_hosting.preflight import check_file

if TYPE_CHECKING:
    from library.templates import Inputs

DESCRIBED: dict[str, Any] = {"domain": ModelDomain.MACHINE_LEARNING, "task": ModelTask.CLASSIFICATION}
HANDLER = "def model_fn(model_dir):\n    return model_dir\n"


@pytest.fixture
def prebuilt(inputs: Inputs) -> Inputs:
    (inputs.code / "inference.py").write_text(HANDLER)
    return inputs


def findings(inputs: Inputs, image: ContainerImage, data: ModelData, **arguments: Any) -> set[str]:
    """Synthesize a hosted model and return the rules that have a finding on it."""
    app = cdk.App(analytics_reporting=False)
    inputs.hosted(cdk.Stack(app, "Stack"), image=image, model_data=data, **DESCRIBED, **arguments)
    return {one.rule for one in check_file(Path(app.synth().directory) / "Stack.template.json")}


@pytest.mark.parametrize(
    ("framework", "version"),
    [
        (Framework.PYTORCH, "2.6"),
        (Framework.MXNET, "1.9"),
        (Framework.HUGGING_FACE, "4.51"),
        (Framework.SCIKIT_LEARN, "1.2-1"),
        (Framework.XGBOOST, "1.7-1"),
    ],
)
def test_a_model_is_hosted_with_a_script_and_an_image_of_aws_and_preflight_agrees(
    prebuilt: Inputs, framework: Framework, version: str
) -> None:
    image = ContainerImage.from_framework(framework, version=version)

    assert findings(prebuilt, image, prebuilt.data(), instance_type=InstanceType.M5_LARGE) == set()


def test_no_image_is_built_for_it(prebuilt: Inputs, stack: cdk.Stack) -> None:
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.4")
    prebuilt.hosted(stack, image=image, instance_type=InstanceType.C7_G_LARGE)

    container = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]
    assert container["Image"]["Fn::Join"][1][-1].endswith(
        "/pytorch-inference-graviton:2.4.0-cpu-py311-ubuntu22.04-sagemaker"
    )


def test_a_saved_model_is_packed_under_its_version_beside_the_code(prebuilt: Inputs) -> None:
    (prebuilt.model / "variables").mkdir()
    (prebuilt.model / "variables" / "variables.index").write_text("")
    (prebuilt.model / "saved_model.pb").write_text("graph")
    (prebuilt.code / "inference.py").write_text("def handler(data, context):\n    return data, 'text/csv'\n")
    data = ModelData.from_saved_model(prebuilt.model, code=prebuilt.code, exclude=["model.txt"], version=3)
    app = cdk.App(analytics_reporting=False)
    prebuilt.hosted(
        cdk.Stack(app, "Stack"),
        image=ContainerImage.from_framework(Framework.TENSORFLOW, version="2.19"),
        model_data=data,
        instance_type=InstanceType.M5_LARGE,
        **DESCRIBED,
    )
    directory = Path(app.synth().directory)

    names = []
    for path in directory.glob("asset.*.tar.gz"):
        with tarfile.open(path) as archive:
            names.append(archive.getnames())
    assert ["3/saved_model.pb", "3/variables/variables.index", "code/inference.py"] in names
    assert check_file(directory / "Stack.template.json") == []


@pytest.mark.parametrize(
    ("framework", "version", "rule"),
    [
        (Framework.PYTORCH, "2.6", "framework-script"),
        (Framework.MXNET, "1.9", "framework-script"),
        (Framework.SCIKIT_LEARN, "1.2-1", "framework-script"),
        (Framework.TENSORFLOW, "2.19", "framework-saved-model"),
        (Framework.NEO_PYTORCH, "1.13", "framework-neo-model"),
        (Framework.NEO_MXNET, "1.8", "framework-neo-model"),
    ],
)
def test_preflight_finds_an_archive_that_the_container_could_not_load(
    prebuilt: Inputs, framework: Framework, version: str, rule: str
) -> None:
    image = ContainerImage.from_framework(framework, version=version)
    data = ModelData.from_directory(prebuilt.model)

    assert rule in findings(prebuilt, image, data, instance_type=InstanceType.M5_LARGE)


@pytest.mark.parametrize(
    ("framework", "version", "names"),
    [
        (Framework.PYTORCH, "2.6", ["model.pt"]),
        (Framework.PYTORCH, "2.6", ["net.pth"]),
        (Framework.MXNET, "1.9", ["model-symbol.json", "model-0000.params", "model-shapes.json"]),
        (Framework.TENSORFLOW, "2.19", ["half_plus_two/00000123/saved_model.pb"]),
        (Framework.NEO_PYTORCH, "1.13", ["compiled.pt"]),
        (Framework.NEO_MXNET, "1.8", ["compiled-symbol.json", "compiled-0000.params"]),
    ],
)
def test_preflight_accepts_what_the_container_loads_by_itself(
    prebuilt: Inputs, framework: Framework, version: str, names: list[str]
) -> None:
    for name in names:
        path = prebuilt.model / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("weights")
    image = ContainerImage.from_framework(framework, version=version)
    is_told_a_script = framework in (Framework.NEO_PYTORCH, Framework.NEO_MXNET)
    data = ModelData.from_directory(prebuilt.model, code=prebuilt.code if is_told_a_script else None)

    assert findings(prebuilt, image, data, instance_type=InstanceType.M5_LARGE) == set()


def test_preflight_looks_for_the_script_that_was_named(prebuilt: Inputs) -> None:
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.6", entry_point="serve.py")
    assert "framework-script" in findings(prebuilt, image, prebuilt.data(), instance_type=InstanceType.M5_LARGE)

    (prebuilt.code / "serve.py").write_text(HANDLER)
    assert findings(prebuilt, image, prebuilt.data(), instance_type=InstanceType.M5_LARGE) == set()


def test_preflight_says_nothing_of_a_script_that_is_not_in_the_archive(prebuilt: Inputs) -> None:
    image = ContainerImage.from_framework(Framework.PYTORCH, version="2.6")
    environment = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://models/code.tar.gz"}
    data = ModelData.from_directory(prebuilt.model)

    assert findings(prebuilt, image, data, environment=environment, instance_type=InstanceType.M5_LARGE) == set()


def test_fails_for_a_directory_that_holds_no_saved_model(inputs: Inputs) -> None:
    with pytest.raises(ValidationError) as raised:
        ModelData.from_saved_model(inputs.model, version=0)

    assert raised.value.problems == (
        "version must be at least 1 as a number, got 0",
        f"directory must hold 'saved_model.pb', got '{inputs.model}'",
    )


def test_fails_for_a_saved_model_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="directory must be an existing directory"):
        ModelData.from_saved_model(tmp_path / "missing")
