"""Every example is a whole app that nothing has to be said against. A new one is found by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sagemaker_hosting.preflight import check_file
from sagemaker_local.dockerfile import ImageBuild
from sagemaker_local.process_engine import ProcessEngine
from sagemaker_local.train import train

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
RECYCLING = ROOT / "models" / "recycling"
EXAMPLES = sorted((ROOT / "examples").glob("*/app.py"))

LONGEST = {"inference_recommendation": 105, "jobs": 130, "registry_across_accounts": 100}
"""Lines of what shows more than one capability."""

each_example = pytest.mark.parametrize("app", EXAMPLES, ids=lambda app: app.parent.name)


def messages(assembly: Path, stack: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the warnings and errors that constructs left in the metadata of a stack."""
    metadata = dict(stack.get("metadata", {}))
    if "additionalMetadataFile" in stack:
        metadata |= json.loads((assembly / stack["additionalMetadataFile"]).read_text())
    entries = [entry for one in metadata.values() for entry in one]
    assert any(entry["type"] == "aws:cdk:logicalId" for entry in entries)
    return [entry for entry in entries if entry["type"] in ("aws:cdk:warning", "aws:cdk:error")]


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize all examples, each into a directory of its name."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    assert context["@aws-cdk/core:validateAgainstDefaultRules"] is True
    output = tmp_path_factory.mktemp("examples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("synthesize.py"), output, *EXAMPLES],
        env={**environment, "CDK_VALIDATION": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return output


@each_example
def test_an_example_is_synthesized_without_any_finding(app: Path, assemblies: Path) -> None:
    assembly = assemblies / app.parent.name
    error = assembly / "error.txt"
    report = assembly / "validation-report.json"
    assert not error.exists(), error.read_text() + (report.read_text() if report.exists() else "")
    assert json.loads(report.read_text())["pluginReports"] == []

    manifest = json.loads((assembly / "manifest.json").read_text())
    stacks = [one for one in manifest["artifacts"].values() if one["type"] == "aws:cloudformation:stack"]
    assert stacks
    for stack in stacks:
        assert messages(assembly, stack) == []
        assert check_file(assembly / stack["properties"]["templateFile"], region="eu-central-1") == []


@each_example
def test_an_example_is_short_and_checks_itself(app: Path) -> None:
    text = app.read_text()

    assert len(text.splitlines()) < LONGEST.get(app.parent.name, 70)
    assert "AwsSolutionsChecks(" in text
    assert "SageMakerPreflight(" in text


def resource(template: Path, kind: str, part_of_id: str = "") -> dict[str, Any]:
    """Return the properties of the one resource of a kind."""
    resources = json.loads(template.read_text())["Resources"]
    (found,) = [one for name, one in resources.items() if one["Type"] == kind and part_of_id in name]
    properties: dict[str, Any] = found["Properties"]
    return properties


def joined(value: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in JSON text, with a word for every token."""
    found: dict[str, Any] = json.loads(
        "".join(part if isinstance(part, str) else "TOKEN" for part in value["Fn::Join"][1])
    )
    return found


def test_the_algorithm_trains_a_model_that_its_validation_can_ask(assemblies: Path, tmp_path: Path) -> None:
    made = resource(assemblies / "algorithm" / "AlgorithmExample.template.json", "Custom::SageMakerAlgorithm")
    request = joined(made["Create"])["parameters"]
    uploaded = {"code": IRIS / "train", "inference": IRIS / "code", "training": IRIS / "data" / "training"}
    given = tmp_path / "hyperparameters.json"
    defaults = request["TrainingSpecification"]["SupportedHyperParameters"]
    given.write_text(json.dumps({one["Name"]: one["DefaultValue"] for one in defaults}))

    train(
        ImageBuild(directory=ROOT / "container"),
        engine=ProcessEngine(say=lambda _: None),
        code=uploaded["code"],
        channels={
            one["Name"]: uploaded[one["Name"]]
            for one in request["TrainingSpecification"]["TrainingChannels"]
            if one["Name"] != "code"
        },
        hyperparameters=given,
        model_directory=tmp_path / "model",
        say=lambda _: None,
    )

    assert (tmp_path / "model" / "code" / "inference.py").read_bytes() == (IRIS / "code/inference.py").read_bytes()


def test_the_recycling_job_has_the_hyperparameters_that_its_training_reads(assemblies: Path) -> None:
    template = assemblies / "recycling_jobs" / "RecyclingJobs.template.json"
    machine = resource(template, "AWS::StepFunctions::StateMachine", "Training")
    defaults = joined(machine["DefinitionString"])["States"]["Defaults"]["Result"]

    assert defaults["hyperparameters"] == json.loads((RECYCLING / "hyperparameters.json").read_text())


def test_the_account_that_hosts_may_read_archive_and_image_and_use_the_key(assemblies: Path) -> None:
    shared = assemblies / "registry_across_accounts" / "Shared.template.json"
    policies = {
        "kms:Decrypt": resource(shared, "AWS::KMS::Key")["KeyPolicy"],
        "s3:GetObject*": resource(shared, "AWS::S3::BucketPolicy")["PolicyDocument"],
        "ecr:BatchGetImage": resource(shared, "AWS::ECR::Repository")["RepositoryPolicyText"],
    }

    for action, policy in policies.items():
        (allowed,) = [one for one in policy["Statement"] if action in one["Action"]]
        assert ":iam::444455556666:root" in json.dumps(allowed["Principal"])
    hosting = (assemblies / "registry_across_accounts" / "Hosting.template.json").read_text()
    assert "cdk-hnb659fds-assets-111122223333" not in hosting
