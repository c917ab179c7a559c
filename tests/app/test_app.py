from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_hosting.preflight import check_file

if TYPE_CHECKING:
    from checkout import Checkout

ENVIRONMENTS = ["dev", "local", "local-recycling", "prod", "staging"]
SNAPSHOT = Path(__file__).with_name("snapshot.json")


def template(assembly: Path, environment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((assembly / f"Hosting-{environment}.template.json").read_text())
    return found


def ids(assembly: Path, environment: str) -> dict[str, str]:
    resources = template(assembly, environment)["Resources"]
    return {resource["Type"]: name for name, resource in resources.items()}


def synthesized(assembly: Path) -> dict[str, bytes]:
    """Return the content of every template and asset manifest."""
    return {
        path.name: path.read_bytes()
        for kind in ("template", "assets")
        for path in assembly.glob(f"Hosting-*.{kind}.json")
    }


def test_there_is_one_stack_for_each_environment(assembly: Path) -> None:
    assert sorted(path.name.removesuffix(".template.json") for path in assembly.glob("*.template.json")) == [
        f"Hosting-{name}" for name in ENVIRONMENTS
    ]


@pytest.mark.parametrize(
    ("mistake", "finding"),
    [
        ("cdk.aws_sqs.CfnQueue(self, 'Queue')", "AwsSolutions-SQS4"),
        ("cdk.aws_sqs.CfnQueue(self, 'Queue', delay_seconds=-1).add_property_override('Nonsense', 1)", "Nonsense"),
    ],
    ids=["cdk-nag", "CloudFormation"],
)
def test_fails_to_synthesize_what_a_validator_finds(checkout: Checkout, mistake: str, finding: str) -> None:
    stack = checkout.root / "stacks" / "hosting_stack.py"
    stack.write_text(f"{stack.read_text()}        {mistake}\n")
    result = checkout.run("synth", validate=True)

    assert result.returncode != 0
    assert finding in result.stderr


def test_preflight_finds_not_even_a_warning(assembly: Path) -> None:
    for name in ENVIRONMENTS:
        assert check_file(assembly / f"Hosting-{name}.template.json", region="eu-central-1") == []


def test_no_role_has_full_access(assembly: Path) -> None:
    for name in ENVIRONMENTS:
        text = json.dumps(template(assembly, name))
        assert "AmazonSageMakerFullAccess" not in text
        assert "s3:*" not in text


def test_synthesizing_again_gives_the_same_bytes(checkout: Checkout) -> None:
    assert synthesized(checkout.synthesize("first")) == synthesized(checkout.synthesize("second"))


def test_the_time_of_a_file_changes_nothing(assembly: Path, checkout: Checkout) -> None:
    for path in checkout.root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))

    assert synthesized(checkout.synthesize()) == synthesized(assembly)


def test_one_changed_byte_of_the_model_moves_the_endpoint_to_a_new_model_and_configuration(
    assembly: Path, checkout: Checkout
) -> None:
    with (checkout.root / "models" / "iris" / "model" / "model.joblib").open("ab") as model:
        model.write(b"\0")
    before, after = ids(assembly, "prod"), ids(checkout.synthesize(), "prod")

    assert {kind for kind in before if before[kind] != after[kind]} == {
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::Model",
        "AWS::SageMaker::ModelPackage",
    }


def test_the_whole_app_is_as_it_was(assembly: Path) -> None:
    """Run with ``UPDATE_SNAPSHOT=1`` to accept a change, and read the difference before it is committed."""
    text = json.dumps({name: template(assembly, name) for name in ENVIRONMENTS}, indent=1, sort_keys=True)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<hash of an asset>", text)
    # Logical ids that follow the content end in eight lower-case digits behind the eight that the CDK makes.
    text = re.sub(r"(?<=[0-9A-F]{8})[0-9a-f]{8}\b", "<hash of the content>", text) + "\n"
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text)

    assert json.loads(text) == json.loads(SNAPSHOT.read_text())
