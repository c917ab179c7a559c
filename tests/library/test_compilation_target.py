from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_s3 as s3

from library.templates import statement, statements
from library.test_training_job import request
from sagemaker_hosting import CompilationTarget, NeoCompilation, NeoFramework, ValidationError
from sagemaker_hosting.compilation_target import (
    TARGET_ACCELERATORS,
    TARGET_ARCHITECTURES,
    TARGET_DEVICES,
    TARGET_SYSTEMS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def compile_model(stack: cdk.Stack, **arguments: Any) -> NeoCompilation:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    given = {
        "framework": NeoFramework.PYTORCH,
        "model_bucket": bucket,
        "model_key": "models/model.tar.gz",
        "output_bucket": bucket,
        "output_prefix": "compiled",
        "target": CompilationTarget.device("ml_c5"),
        **arguments,
    }
    return NeoCompilation(stack, "Job", **given)


@pytest.mark.parametrize(
    ("shape", "known"),
    [
        ("TargetDevice", TARGET_DEVICES),
        ("TargetPlatformOs", TARGET_SYSTEMS),
        ("TargetPlatformArch", TARGET_ARCHITECTURES),
        ("TargetPlatformAccelerator", TARGET_ACCELERATORS),
        ("Framework", [framework.value for framework in NeoFramework]),
    ],
)
def test_what_is_known_is_what_the_service_model_says(shape: str, known: Sequence[str]) -> None:
    model = boto3.client("sagemaker", region_name="us-east-1").meta.service_model

    assert sorted(known) == sorted(model.shape_for(shape).enum)


def test_a_platform_is_described_with_its_options(stack: cdk.Stack) -> None:
    target = CompilationTarget.platform(
        arch="ARM64", os="LINUX", accelerator="NVIDIA", compiler_options={"trt-ver": "6.0.1", "gpu-code": "sm_62"}
    )
    compile_model(stack, target=target, framework_version="1.13", data_input_config=[[1, 3, 224, 224]])

    found = request(stack)
    assert found["OutputConfig"]["TargetPlatform"] == {"Os": "LINUX", "Arch": "ARM64", "Accelerator": "NVIDIA"}
    assert json.loads(found["OutputConfig"]["CompilerOptions"]) == {"gpu-code": "sm_62", "trt-ver": "6.0.1"}
    assert found["InputConfig"]["DataInputConfig"] == "[[1, 3, 224, 224]]"
    assert found["InputConfig"]["FrameworkVersion"] == "1.13"
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 900}


def test_the_job_reads_the_model_and_writes_the_compiled_one(stack: cdk.Stack) -> None:
    compile_model(stack)

    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/models/model.tar.gz*"
    assert statement(stack, "s3:PutObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::data/compiled/*"


def test_the_job_writes_its_log_and_its_metrics_and_logs_in_to_no_registry(stack: cdk.Stack) -> None:
    compile_model(stack)

    log_group = statement(stack, "logs:PutLogEvents")["Resource"]["Fn::Join"][1][-1]
    assert log_group == ":log-group:/aws/sagemaker/CompilationJobs*"
    metrics = statement(stack, "cloudwatch:PutMetricData")
    assert metrics["Condition"] == {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    assert not any("ecr:" in str(found["Action"]) for found in statements(stack))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model_key": "model.pth"}, r"model_key must end in '\.tar\.gz', got 'model\.pth'"),
        ({"framework_version": "one"}, "framework_version must be a version such as '1.13', got 'one'"),
        ({"framework_version": "1.7", "framework": NeoFramework.ONNX}, "must not be given for ONNX, got '1.7'"),
        ({"max_runtime": cdk.Duration.days(29)}, "max_runtime must be 1 to 2419200 seconds"),
        ({"data_input_config": {"a" * 16384: [1]}}, "data_input_config must be 1 to 16384 characters"),
    ],
)
def test_fails_for_what_neo_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        compile_model(stack, **arguments)


def test_fails_for_a_device_that_neo_does_not_know() -> None:
    with pytest.raises(ValidationError, match="name must be one of the 37 devices of Neo, got 'ml_c9'"):
        CompilationTarget.device("ml_c9")


def test_fails_for_all_that_is_wrong_with_a_platform() -> None:
    with pytest.raises(ValidationError, match=r"arch must be one of X86_64.*got 'MIPS'") as raised:
        CompilationTarget.platform(arch="MIPS", os="LINUX", accelerator="NVIDIA")

    assert len(raised.value.problems) == 2
