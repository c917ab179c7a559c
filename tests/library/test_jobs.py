"""What holds for the state machine of every kind of job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks
from cfnlint import lint

from library.job_examples import JOBS
from library.templates import only, statement, statements
from sagemaker_hosting import SageMakerPreflight

if TYPE_CHECKING:
    from pathlib import Path

    from library.templates import Inputs

Make = Callable[[cdk.Stack, s3.IBucket, "Inputs"], Any]


def definition(stack: cdk.Stack) -> dict[str, Any]:
    """Return the definition of the one state machine, with a word for every token."""
    text = only(stack, "AWS::StepFunctions::StateMachine")["DefinitionString"]
    parts = [text] if isinstance(text, str) else text["Fn::Join"][1]
    found: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "TOKEN" for part in parts))
    return found


@pytest.fixture(params=JOBS, ids=lambda make: str(make.__name__))
def job(request: pytest.FixtureRequest, stack: cdk.Stack, inputs: Inputs) -> Any:
    make: Make = request.param
    return make(stack, s3.Bucket.from_bucket_name(stack, "Bucket", "data"), inputs)


def operations(stack: cdk.Stack) -> dict[str, str]:
    """Return the operation of each task, by the name of its state."""
    states = definition(stack)["States"]
    return {name: state["Resource"].rpartition(":")[2] for name, state in states.items() if state.get("Type") == "Task"}


@pytest.mark.usefixtures("job")
def test_the_jobs_of_a_stack_are_all_that_its_state_machine_may_touch(stack: cdk.Stack) -> None:
    for operation in {name for state, name in operations(stack).items() if state != "Register"}:
        action = f"sagemaker:{operation[0].upper()}{operation[1:]}"
        resource = json.dumps(statement(stack, action)["Resource"])
        assert "/stack-job" in resource
        assert resource.count("*") == 1


@pytest.mark.usefixtures("job")
def test_a_role_can_be_passed_to_sagemaker_alone(stack: cdk.Stack) -> None:
    for found in statements(stack):
        if "iam:PassRole" in found["Action"]:
            assert found["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
            assert list(found["Resource"]) == ["Fn::GetAtt"]
            assert found["Resource"]["Fn::GetAtt"][1] == "Arn"


@pytest.mark.usefixtures("job")
def test_every_call_is_repeated_when_sagemaker_is_busy(stack: cdk.Stack) -> None:
    for state in definition(stack)["States"].values():
        if state["Type"] == "Task":
            assert "SageMaker.SageMakerException" in state["Retry"][0]["ErrorEquals"]


@pytest.mark.usefixtures("job")
def test_the_reason_of_a_failure_is_the_cause(stack: cdk.Stack) -> None:
    states = definition(stack)["States"]

    assert states["DescribeFailure"]["ResultSelector"] == {"reason.$": "$.FailureReason"}
    assert "$.failure.reason" in states["Failed"]["CausePath"]
    assert states["Failed"]["Error"].endswith("JobFailed")


@pytest.mark.usefixtures("job")
def test_every_name_is_made_of_that_of_the_execution(stack: cdk.Stack) -> None:
    name = definition(stack)["States"]["Settings"]["Parameters"]["name.$"]

    assert name.startswith("States.Format('stack-job")
    assert name.endswith("-{}', States.Hash($$.Execution.Name, 'MD5'))")


@pytest.mark.usefixtures("job")
def test_every_state_is_reached_and_leads_to_another(stack: cdk.Stack) -> None:
    states = definition(stack)["States"]
    todo, reached = [definition(stack)["StartAt"]], set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            branches = [states[name], *states[name].get("Choices", []), *states[name].get("Catch", [])]
            todo += [branch[key] for branch in branches for key in ("Next", "Default") if key in branch]

    assert reached == set(states)


@pytest.mark.usefixtures("job")
def test_the_history_of_an_execution_has_room_for_all_checks(stack: cdk.Stack) -> None:
    states = definition(stack)["States"]
    (last,) = [rule for rule in states["Ended?"]["Choices"] if "NumericGreaterThanEquals" in rule]

    assert last["NumericGreaterThanEquals"] <= 2000


@pytest.mark.usefixtures("job")
def test_logs_and_traces_are_on(stack: cdk.Stack) -> None:
    machine = only(stack, "AWS::StepFunctions::StateMachine")

    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_starting_is_all_that_is_granted(stack: cdk.Stack, job: Any) -> None:
    role = iam.Role(stack, "Starter", assumed_by=iam.ServicePrincipal("events.amazonaws.com"))

    job.grant_start(role)

    found = statement(stack, "states:StartExecution")
    assert found["Action"] == ["states:StartExecution"]
    assert list(found["Resource"]) == ["Ref"]


@pytest.mark.parametrize("make", JOBS)
def test_a_template_has_no_finding(make: Make, inputs: Inputs, tmp_path: Path) -> None:
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
    stack = cdk.Stack(app, "Stack")
    make(stack, s3.Bucket.from_bucket_name(stack, "Bucket", "data"), inputs)

    app.synth()

    report = tmp_path / "cdk.out" / "validation-report.json"
    found = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    assert [one["violations"] for one in found if one["violations"]] == []
    # cfn-lint knows the schema of Amazon States Language; W3005 is about dependencies that CDK writes twice.
    template = (tmp_path / "cdk.out" / "Stack.template.json").read_text()
    assert [str(match) for match in lint(template, regions=["eu-central-1"]) if match.rule.id != "W3005"] == []
