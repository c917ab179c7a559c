from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from library.templates import Encrypting, logical_id, only, statement, statements
from sagemaker_hosting import Endpoint, EndpointConfig, SamplePayloads, SmokeTest, ValidationError

if TYPE_CHECKING:
    from library.templates import Inputs


def smoke_test(inputs: Inputs, stack: cdk.Stack, **arguments: Any) -> SmokeTest:
    return SmokeTest(
        stack,
        "SmokeTest",
        endpoint=Endpoint.from_endpoint_name(stack, "Endpoint", "iris"),
        payloads=SamplePayloads.from_directory(inputs.payloads),
        **arguments,
    )


def test_the_function_knows_the_endpoint_and_where_its_payloads_lie(inputs: Inputs, stack: cdk.Stack) -> None:
    smoke_test(inputs, stack)

    function = only(stack, "AWS::Lambda::Function")
    variables = function["Environment"]["Variables"]
    assert sorted(variables) == ["BUCKET_NAME", "ENDPOINT_NAME", "PAYLOADS_KEY"]
    assert variables["ENDPOINT_NAME"] == "iris"
    assert function["Handler"] == "smoke_test.handler.handler"
    assert function["Timeout"] == 30


def test_the_function_has_the_timeout_and_name_that_are_given(inputs: Inputs, stack: cdk.Stack) -> None:
    smoke_test(inputs, stack, timeout=cdk.Duration.minutes(2), function_name="check-iris")

    function = only(stack, "AWS::Lambda::Function")
    assert (function["Timeout"], function["FunctionName"]) == (120, "check-iris")


def test_the_role_may_invoke_this_endpoint_read_these_payloads_and_write_this_log(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    smoke_test(inputs, stack)

    key = only(stack, "AWS::Lambda::Function")["Environment"]["Variables"]["PAYLOADS_KEY"]
    assert sorted(action for entry in statements(stack) for action in entry["Action"]) == [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "sagemaker:InvokeEndpoint",
    ]
    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == f"/{key}"


def test_the_role_may_decrypt_the_payloads_where_the_bucket_of_the_assets_has_a_key(inputs: Inputs) -> None:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack", synthesizer=Encrypting())
    smoke_test(inputs, stack)

    assert statement(stack, "kms:Decrypt")["Resource"] == "arn:aws:kms:eu-central-1:111122223333:key/assets"
    assert json.dumps(statement(stack, "sagemaker:InvokeEndpoint")["Resource"]).endswith(':endpoint/iris"]]}')
    assert "ManagedPolicyArns" not in only(stack, "AWS::IAM::Role")


def test_the_code_is_the_function_alone_and_the_payloads_are_all_files(inputs: Inputs) -> None:
    app = cdk.App()
    smoke_test(inputs, cdk.Stack(app, "Stack"))
    assembly = Path(app.synth().directory)

    (code,) = [path for path in assembly.glob("asset.*") if path.is_dir()]
    assert {path.relative_to(code).as_posix() for path in code.rglob("*.py")} == {
        "smoke_test/__init__.py",
        "smoke_test/comparison.py",
        "smoke_test/gate.py",
        "smoke_test/handler.py",
        "smoke_test/payloads.py",
    }
    assert not zipfile.is_zipfile(code)
    (payloads,) = assembly.glob("asset.*.gz")
    with tarfile.open(payloads) as archive:
        assert archive.getnames() == ["one.csv", "one.expected.csv", "payloads.json"]


def test_a_gate_runs_the_test_once_the_endpoint_is_there_and_whenever_its_configuration_changes(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "iris-config")
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)
    payloads = SamplePayloads.from_directory(inputs.payloads)
    SmokeTest(stack, "SmokeTest", endpoint=endpoint, payloads=payloads, gate=True)

    gate = only(stack, "Custom::SmokeTest")
    function = logical_id(stack, "AWS::Lambda::Function")
    assert gate["ServiceToken"] == {"Fn::GetAtt": [function, "Arn"]}
    assert gate["EndpointConfigName"] == "iris-config"
    assert gate["EndpointName"] == {"Fn::GetAtt": [logical_id(stack, "AWS::SageMaker::Endpoint"), "EndpointName"]}
    assert gate["PayloadsKey"] == only(stack, "AWS::Lambda::Function")["Environment"]["Variables"]["PAYLOADS_KEY"]


def test_a_gate_of_an_imported_endpoint_runs_when_the_payloads_change(inputs: Inputs, stack: cdk.Stack) -> None:
    smoke_test(inputs, stack, gate=True)

    assert sorted(only(stack, "Custom::SmokeTest")) == ["EndpointName", "PayloadsKey", "ServiceToken"]


def test_there_is_no_gate_unless_it_is_asked_for(inputs: Inputs, stack: cdk.Stack) -> None:
    smoke_test(inputs, stack)

    Template.from_stack(stack).resource_count_is("Custom::SmokeTest", 0)


def test_changed_payloads_change_the_function(inputs: Inputs, stack: cdk.Stack) -> None:
    smoke_test(inputs, stack)
    other = cdk.Stack(cdk.App(), "Stack")
    (inputs.payloads / "one.expected.csv").write_text("virginica\n")
    smoke_test(inputs, other)

    assert only(stack, "AWS::Lambda::Function") != only(other, "AWS::Lambda::Function")


@pytest.mark.parametrize("timeout", [cdk.Duration.seconds(0), cdk.Duration.minutes(16)])
def test_fails_for_a_timeout_that_lambda_refuses(inputs: Inputs, stack: cdk.Stack, timeout: cdk.Duration) -> None:
    with pytest.raises(ValidationError, match="timeout must be 1 to 900 seconds"):
        smoke_test(inputs, stack, timeout=timeout)
