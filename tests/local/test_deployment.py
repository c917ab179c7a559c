from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from local.conftest import Twin


def call(twin: Twin, body: str | bytes = "hello", **arguments: Any) -> dict[str, Any]:
    response = twin.client("sagemaker-runtime").invoke_endpoint(EndpointName="tiny", Body=body, **arguments)
    answer: dict[str, Any] = json.loads(response["Body"].read())
    return answer


def run(twin: Twin, output: str, **arguments: Any) -> tuple[Any, dict[str, Any]]:
    """Invoke the function of an output; return its payload and the whole response."""
    response = twin.client("lambda").invoke(FunctionName=twin.outputs("Tiny")[output], **arguments)
    return json.loads(response["Payload"].read() or b"null"), response


def test_the_endpoint_answers_with_what_its_container_made_of_the_request(twin: Twin) -> None:
    response = twin.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="tiny", Body=b"5.1", ContentType="text/csv", Accept="application/json", InferenceId="abc"
    )
    answer = json.loads(response["Body"].read())

    assert answer["body"] == "5.1"
    assert answer["headers"]["Content-Type"] == "text/csv"
    assert answer["headers"]["Accept"] == "application/json"
    assert answer["headers"]["X-Amzn-SageMaker-Inference-Id"] == "abc"
    assert response["ContentType"] == "application/json"
    assert response["CustomAttributes"] == "seen"
    assert response["InvokedProductionVariant"] == "main"


def test_the_container_has_the_model_that_was_uploaded_and_the_argument_it_was_built_with(twin: Twin) -> None:
    answer = call(twin)

    assert answer["model"] == "three"
    assert answer["greeting"] == "hello"


def test_the_container_knows_its_environment_and_the_embedded_aws_and_nothing_of_the_user(twin: Twin) -> None:
    variables = call(twin)["variables"]

    assert variables["LEVEL"] == "info"
    assert variables["AWS_ENDPOINT_URL"] == twin.url
    assert variables["AWS_ACCESS_KEY_ID"] == "local"
    assert "PYTHONUNBUFFERED" not in variables


def test_a_request_goes_to_the_variant_that_it_names(twin: Twin) -> None:
    response = twin.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="tiny", Body=b"", TargetVariant="candidate"
    )

    assert response["InvokedProductionVariant"] == "candidate"


def test_a_variant_of_weight_zero_gets_no_request_that_does_not_name_it(twin: Twin) -> None:
    assert len({call(twin)["pid"] for _ in range(20)}) == 1


def test_an_error_of_the_container_is_a_model_error_with_its_status_and_text(twin: Twin) -> None:
    with pytest.raises(ClientError) as caught:
        call(twin, CustomAttributes="400")

    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == 400
    assert '"greeting"' in caught.value.response["OriginalMessage"]
    assert "Received client error (400)" in caught.value.response["Error"]["Message"]


def test_an_endpoint_that_does_not_exist_is_not_found(twin: Twin) -> None:
    with pytest.raises(ClientError, match="Endpoint nobody of account 123456789012 not found"):
        twin.client("sagemaker-runtime").invoke_endpoint(EndpointName="nobody", Body=b"")


def test_a_variant_that_does_not_exist_is_not_found(twin: Twin) -> None:
    with pytest.raises(ClientError, match="Variant nobody of endpoint tiny not found"):
        call(twin, TargetVariant="nobody")


def test_a_body_larger_than_sagemaker_takes_is_refused(twin: Twin) -> None:
    with pytest.raises(ClientError, match="takes at most 6291456"):
        call(twin, b"x" * (6 * 1024 * 1024 + 1))


def test_the_apis_describe_what_was_deployed(twin: Twin) -> None:
    sagemaker = twin.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName="tiny")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    uri = model["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]["S3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")

    assert endpoint["EndpointStatus"] == "InService"
    assert [variant["VariantName"] for variant in config["ProductionVariants"]] == ["main", "candidate"]
    assert model["PrimaryContainer"]["Environment"] == {"LEVEL": "info"}
    archive = (twin.project.directory / "model.tar.gz").read_bytes()
    assert twin.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == archive
    (stack,) = twin.client("cloudformation").describe_stacks(StackName="Tiny")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_the_registry_holds_the_group_and_its_version_1(twin: Twin) -> None:
    sagemaker = twin.client("sagemaker")
    group = sagemaker.describe_model_package_group(ModelPackageGroupName="tiny-group")
    (version,) = sagemaker.list_model_packages(ModelPackageGroupName="tiny-group")["ModelPackageSummaryList"]
    package = sagemaker.describe_model_package(ModelPackageName=version["ModelPackageArn"])

    assert version["ModelPackageVersion"] == 1
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert (package["Domain"], package["Task"]) == ("MACHINE_LEARNING", "OTHER")
    assert twin.outputs("Tiny")["GroupArn"] == group["ModelPackageGroupArn"]
    assert twin.outputs("Tiny")["PackageArn"] == version["ModelPackageArn"]


def test_a_function_runs_its_own_code_against_the_endpoint(twin: Twin) -> None:
    result, response = run(twin, "CallName", Payload=json.dumps({"body": "5.1"}))

    assert result["status"] == 200
    assert json.loads(result["answer"])["body"] == "5.1"
    assert "FunctionError" not in response


def test_a_function_has_the_context_that_lambda_gives(twin: Twin) -> None:
    result, _ = run(twin, "DescribeName", Payload=b'{"a": 1}')

    assert result["event"] == {"a": 1}
    assert result["memory"] == "256"
    assert 0 < result["milliseconds"] <= 20_000
    assert result["name"] == twin.outputs("Tiny")["DescribeName"]
    assert result["arn"].endswith(f":function:{result['name']}")


@pytest.mark.parametrize("form", ["{}", "arn:aws:lambda:us-east-1:123456789012:function:{}", "{}:$LATEST"])
def test_a_function_is_found_by_name_arn_and_version(twin: Twin, form: str) -> None:
    name = form.format(twin.outputs("Tiny")["DescribeName"])
    response = twin.client("lambda").invoke(FunctionName=name)

    assert "FunctionError" not in response


def test_the_log_of_a_function_is_returned_on_request(twin: Twin) -> None:
    _, response = run(twin, "CallName", LogType="Tail", Payload=b'{"body": "5.1"}')

    assert b"calling {'body': '5.1'}" in base64.b64decode(response["LogResult"])


@pytest.mark.parametrize(
    ("output", "kind", "message"),
    [
        ("FailName", "LookupError", "no such thing"),
        ("HangName", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        ("LeaveName", "Runtime.ExitError", "Runtime exited with exit status 3"),
    ],
)
def test_a_function_that_fails_says_how(twin: Twin, output: str, kind: str, message: str) -> None:
    result, response = run(twin, output)

    assert response["FunctionError"] == "Unhandled"
    assert result["errorType"] == kind
    assert message in result["errorMessage"]


def test_a_traceback_names_the_line_of_the_function(twin: Twin) -> None:
    result, _ = run(twin, "FailName")

    assert "index.py" in result["stackTrace"][-1]


def test_an_event_is_accepted_without_an_answer(twin: Twin) -> None:
    _, response = run(twin, "DescribeName", InvocationType="Event")

    assert response["StatusCode"] == 202


def test_a_function_that_does_not_exist_is_not_found(twin: Twin) -> None:
    with pytest.raises(ClientError, match=r"Function not found: .*:function:nobody"):
        twin.client("lambda").invoke(FunctionName="nobody")


def test_an_event_that_is_no_json_is_refused(twin: Twin) -> None:
    with pytest.raises(ClientError, match="InvalidRequestContent"):
        run(twin, "DescribeName", Payload=b"{")


def test_resources_that_are_not_emulated_are_named_and_fail_nothing(twin: Twin) -> None:
    assert "not emulated, and left out: AWS::CodeGuruProfiler::ProfilingGroup" in twin.output
    assert "not run, and taken as successful: Custom::Nothing" in twin.output
    assert twin.outputs("Tiny")["UnknownArn"].startswith("arn:aws:codeguruprofiler:us-east-1:123456789012:")


def test_the_summary_says_what_runs_and_how_to_call_it(twin: Twin) -> None:
    assert "Endpoint tiny" in twin.output
    assert "InService" in twin.output
    assert "s3://cdk-hnb659fds-assets-123456789012-us-east-1/" in twin.output
    assert f"AWS_ENDPOINT_URL={twin.url} aws sagemaker-runtime invoke-endpoint --endpoint-name tiny" in twin.output
    assert "--content-type TYPE --body fileb://FILE" in twin.output
    assert "\x1b" not in twin.output
