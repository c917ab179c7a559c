from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.preflight_examples import write_asset
from sagemaker_hosting.preflight import check_template

HASH = "0123456789abcdef" * 4


def rules(folder: Path, files: dict[str, str], *, instance_type: str = "ml.m5.large") -> set[str]:
    uri = f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/cdk-hnb659fds-container-assets:{HASH}"
    template = {
        "Resources": {
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {
                    "ExecutionRoleArn": "arn:aws:iam::111122223333:role/hosting",
                    "PrimaryContainer": {"Image": {"Fn::Sub": uri}},
                },
            },
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {
                    "ProductionVariants": [
                        {
                            "VariantName": "AllTraffic",
                            "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                            "InstanceType": instance_type,
                            "InitialInstanceCount": 1,
                        }
                    ]
                },
            },
        }
    }
    return {one.rule for one in check_template(template, assets={HASH: write_asset(folder / "image", files)})}


EXEC = 'ENTRYPOINT ["python", "-m", "serving"]'

DOCKERFILES = [
    (f"FROM python:3.12\n{EXEC}", set()),
    ("FROM python:3.12\nENTRYPOINT python -m serving", {"dockerfile-entrypoint-shell"}),
    (f"FROM python:3.12 AS build\nENTRYPOINT broken\nFROM python:3.12\n{EXEC}", set()),
    (f"FROM python:3.12 AS base\n{EXEC}\nFROM base\nRUN true", set()),
    ("FROM python:3.12\nRUN true", {"dockerfile-serve-missing"}),
    ('FROM python:3.12\nCMD ["python", "app.py"]', {"dockerfile-serve-missing"}),
    ("FROM python:3.12\nCOPY serve /usr/local/bin/serve", set()),
    ("FROM python:3.12\nRUN pip install sagemaker-inference", set()),
    ("FROM 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312", set()),
    ("ARG BASE\nFROM $BASE\nRUN true", set()),
    ("ARG BASE=python:3.12\nFROM ${BASE}\nRUN true", {"dockerfile-serve-missing"}),
    (f"FROM python:3.12\nEXPOSE 5000 \\\n    5001/tcp\n{EXEC}", {"dockerfile-port"}),
    (f"FROM python:3.12\nEXPOSE 5000 8080\n{EXEC}", set()),
    (f"FROM python:3.12\nEXPOSE $PORT\n{EXEC}", set()),
    (
        f"FROM python:3.12\nLABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true\nEXPOSE 9000\n{EXEC}",
        set(),
    ),
    ('FROM python:3.12\nENTRYPOINT ["tini", "--"]', {"dockerfile-tini"}),
    ('FROM python:3.12\nENTRYPOINT ["tini", "--", "python", "-m", "serving"]', set()),
    (f"FROM python:3.12\nUSER app\n{EXEC}", {"dockerfile-user"}),
    (f"FROM python:3.12\nUSER app\nUSER root\n{EXEC}", set()),
    (f"FROM --platform=linux/arm64 python:3.12\n{EXEC}", {"dockerfile-architecture"}),
    (f"FROM arm64v8/python:3.12\n{EXEC}", {"dockerfile-architecture"}),
    (f"FROM --platform=$BUILDPLATFORM python:3.12\n{EXEC}", set()),
    (f"FROM python:3.12\nRUN <<SCRIPT\nENTRYPOINT python\nSCRIPT\n{EXEC}", set()),
    (f"# syntax=docker/dockerfile:1\nFROM python:3.12\n# ENTRYPOINT python\n{EXEC.lower()}", set()),
]


@pytest.mark.parametrize(("text", "expected"), DOCKERFILES)
def test_a_dockerfile_is_judged_by_the_image_it_makes(tmp_path: Path, text: str, expected: set[str]) -> None:
    if EXEC.lower() in text:
        text = text.replace(EXEC.lower(), "entrypoint" + EXEC.removeprefix("ENTRYPOINT"))

    assert rules(tmp_path, {"Dockerfile": text}) == expected


def test_a_serve_program_in_a_copied_folder_is_found(tmp_path: Path) -> None:
    text = 'FROM python:3.12\nENV PATH="/opt/program:$PATH"\nCOPY program /opt/program\n'

    assert rules(tmp_path, {"Dockerfile": text, "program/serve": "#!/usr/bin/env python\n"}) == set()


def test_an_arm_image_runs_on_graviton_only(tmp_path: Path) -> None:
    files = {"Dockerfile": f"FROM --platform=linux/arm64 python:3.12\n{EXEC}"}

    assert rules(tmp_path, files, instance_type="ml.c7g.xlarge") == set()
    assert rules(tmp_path, files, instance_type="ml.c7i.xlarge") == {"dockerfile-architecture"}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(max_size=30) | st.sampled_from(["FROM", "FROM x AS", "ENTRYPOINT [", "RUN <<EOF", "\\", "COPY"]))
)
def test_any_dockerfile_can_be_read(tmp_path: Path, lines: list[str]) -> None:
    text = "\n".join(lines).replace("\x00", "").encode(errors="replace").decode() or "FROM x"

    assert isinstance(rules(tmp_path, {"Dockerfile": text}), set)
