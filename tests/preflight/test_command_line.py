import json
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.hosting_template import TEMPLATE, template_with
from sagemaker_hosting.preflight.__main__ import main

BAD = template_with("Config", "ProductionVariants.0.InitialInstanceCount", 0)
WARNED = template_with("Config", "EndpointConfigName", "iris")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, template in (("clean", TEMPLATE), ("bad", BAD), ("warned", WARNED)):
        (tmp_path / f"{name}.template.json").write_text(json.dumps(template, indent=1))
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("name", "code"), [("clean", 0), ("warned", 0), ("bad", 1)])
def test_the_exit_code_says_whether_there_are_errors(name: str, code: int) -> None:
    assert main([f"{name}.template.json"]) == code


def test_the_text_names_file_line_resource_rule_and_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (folder / "bad.template.json").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if '"InitialInstanceCount": 0' in text)

    main(["bad.template.json"])

    printed = capsys.readouterr().out
    assert f"bad.template.json:{line}  Config  error  property-range" in printed
    assert "ProductionVariants.0.InitialInstanceCount must be 1 or more, got 0." in printed
    assert "docs/rules/property-range.md" in printed
    assert printed.endswith("1 error, 0 warnings\n")


@pytest.mark.usefixtures("folder")
def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    main(["warned.template.json", "--format", "json"])

    (found,) = json.loads(capsys.readouterr().out)
    assert found["rule"] == "fixed-name"
    assert found["severity"] == "warning"
    assert found["resource"] == "Config"
    assert found["path"] == "Properties.EndpointConfigName"
    assert found["value"] == '"iris"'


def test_a_cloud_assembly_is_checked_with_its_stages_and_regions(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1"
    stage = folder / "assembly-Prod"
    stage.mkdir()
    (stage / "Stack.template.json").write_text(json.dumps(template_with("Model", "PrimaryContainer.Image", image)))
    artifact = {"environment": "aws://unknown-account/eu-west-1", "properties": {"templateFile": "Stack.template.json"}}
    (stage / "manifest.json").write_text(json.dumps({"artifacts": {"Stack": artifact}}))

    assert main([str(folder), "--format", "json"]) == 1

    found = {(Path(one["template"]).name, one["rule"]) for one in json.loads(capsys.readouterr().out)}
    assert ("Stack.template.json", "image-region") in found
    assert ("bad.template.json", "property-range") in found


def test_the_region_can_be_given(folder: Path) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1"
    (folder / "image.json").write_text(json.dumps(template_with("Model", "PrimaryContainer.Image", image)))

    assert main(["image.json", "--region", "us-east-1"]) == 0
    assert main(["image.json", "--region", "eu-west-1"]) == 1


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing.json", "missing.json: it cannot be read: No such file or directory"),
        ("empty", "empty: it holds no *.template.json, so it is not a cdk.out directory"),
        ("broken.json", "broken.json: it is not valid JSON"),
    ],
)
def test_fails_with_exit_code_2_and_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], path: str, reason: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "broken.json").write_text("{")

    assert main([path]) == 2
    assert reason in capsys.readouterr().err


def test_templates_are_checked_without_importing_the_cdk(folder: Path) -> None:
    script = (
        "import sys; from sagemaker_hosting.preflight.__main__ import main; code = main(sys.argv[1:]);"
        "heavy = ('aws_cdk', 'jsii', 'boto3', 'botocore', 'yaml');"
        "print([name for name in heavy if name in sys.modules]); sys.exit(code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "clean.template.json")], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]")


def test_it_runs_as_a_module(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagemaker_hosting.preflight", "bad.template.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "1 error" in done.stdout
