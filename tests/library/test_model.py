from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from library.templates import logical_id, only, statements
from sagemaker_hosting import ContainerDefinition, ContainerImage, Model, ValidationError

if TYPE_CHECKING:
    from library.templates import Inputs

URI = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/{}:1"


def container(name: str = "iris", **arguments: object) -> ContainerDefinition:
    return ContainerDefinition(image=ContainerImage.from_uri(URI.format(name)), **arguments)  # type: ignore[arg-type]


def test_one_container_is_the_primary_container(stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[container(environment={"LEVEL": "info"}, container_hostname="iris")])

    properties = only(stack, "AWS::SageMaker::Model")
    assert properties["PrimaryContainer"] == {
        "ContainerHostname": "iris",
        "Environment": {"LEVEL": "info"},
        "Image": URI.format("iris"),
    }
    assert "Containers" not in properties


def test_several_containers_are_a_pipeline_in_the_order_given(stack: cdk.Stack) -> None:
    model = Model(stack, "Model", containers=[container("first")])
    model.add_container(image=ContainerImage.from_uri(URI.format("second")))

    properties = only(stack, "AWS::SageMaker::Model")
    assert [entry["Image"] for entry in properties["Containers"]] == [URI.format("first"), URI.format("second")]
    assert "PrimaryContainer" not in properties


def test_the_model_waits_for_the_policy_of_its_role(inputs: Inputs, stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data())])

    policy = logical_id(stack, "AWS::IAM::Policy")
    Template.from_stack(stack).has_resource(
        "AWS::SageMaker::Model", {"DependsOn": Match.array_with([policy, logical_id(stack, "AWS::IAM::Role")])}
    )


def test_the_role_trusts_sagemaker_alone_and_has_no_managed_policy(stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[container()])

    role = only(stack, "AWS::IAM::Role")
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    ]
    assert "ManagedPolicyArns" not in role


def test_no_statement_allows_all_actions_and_only_two_that_take_no_resource_name_all(
    inputs: Inputs, stack: cdk.Stack
) -> None:
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data())])

    actions = [action for statement in statements(stack) for action in statement["Action"]]
    assert not [action for action in actions if "*" in action]
    assert sorted(statement["Action"][0] for statement in statements(stack) if statement["Resource"] == "*") == [
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
    ]


def test_the_model_data_is_read_by_its_very_key(inputs: Inputs, stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[ContainerDefinition(image=inputs.image(), model_data=inputs.data())])

    (read,) = [entry for entry in statements(stack) if "s3:GetObject" in entry["Action"]]
    source = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]["S3Uri"]
    key = source["Fn::Join"][1][-1]
    assert key.endswith(".gz")
    assert read["Action"] == ["s3:GetObject"]
    assert read["Resource"]["Fn::Join"][1][-1] == key


def test_a_given_role_gets_the_statements(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    model = Model(stack, "Model", containers=[container()], role=role)

    Template.from_stack(stack).resource_count_is("AWS::IAM::Role", 1)
    assert only(stack, "AWS::IAM::Policy")["Roles"] == [{"Ref": logical_id(stack, "AWS::IAM::Role")}]
    assert model.role is role


def test_the_model_can_be_granted_what_its_code_needs(stack: cdk.Stack) -> None:
    model = Model(stack, "Model", containers=[container()])
    iam.Grant.add_to_principal(
        grantee=model, actions=["dynamodb:GetItem"], resource_arns=["arn:aws:dynamodb:::table/a"]
    )
    model.add_to_role_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["arn:aws:sqs:::b"]))

    actions = [action for statement in statements(stack) for action in statement["Action"]]
    assert {"dynamodb:GetItem", "sqs:SendMessage"} <= set(actions)


@pytest.mark.parametrize("value", [True, False])
def test_network_isolation_is_rendered_as_given(stack: cdk.Stack, value: bool) -> None:
    Model(stack, "Model", containers=[container()], network_isolation=value)

    assert only(stack, "AWS::SageMaker::Model")["EnableNetworkIsolation"] is value


def test_network_isolation_that_is_not_given_is_left_to_sagemaker(stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[container()])

    assert "EnableNetworkIsolation" not in only(stack, "AWS::SageMaker::Model")


def test_an_empty_environment_value_is_kept(stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[container(environment={"EMPTY": ""})])

    assert only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Environment"] == {"EMPTY": ""}


def test_an_imported_model_has_its_name(stack: cdk.Stack) -> None:
    assert Model.from_model_name(stack, "Imported", "iris-1").model_name == "iris-1"


def test_fails_without_a_container_at_synthesis() -> None:
    app = cdk.App()
    Model(cdk.Stack(app, "Stack"), "Model")

    with pytest.raises(RuntimeError, match="containers must be 1 to 15 containers, got none"):
        app.synth()


def test_fails_for_a_sixteenth_container(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="containers must be 1 to 15 containers, got 16"):
        Model(stack, "Model", containers=[container() for _ in range(16)])


def test_fails_for_a_name_that_sagemaker_refuses(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"model_name must be 1 to 63 letters, .*, got 'iris_1'"):
        Model(stack, "Model", containers=[container()], model_name="iris_1")


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"1ST": "x"}, "environment names must be letters, digits and underscores"),
        ({"a-b": "x"}, "got 'a-b'"),
        ({"LONG": "x" * 1025}, r"environment\['LONG'\] must have at most 1024 characters, got 1025"),
        ({"NUMBER": 1}, r"environment\['NUMBER'\] must be text, got 1"),
        ({f"V{number}": "" for number in range(101)}, "at most 100 variables, got 101"),
    ],
)
def test_fails_for_an_environment_that_sagemaker_refuses(environment: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        container(environment=environment)


def test_fails_with_all_problems_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        container(environment={"1": "x", "OK": "x" * 1025}, container_hostname="-")

    assert len(caught.value.problems) == 3


def test_tokens_in_the_environment_are_not_checked(stack: cdk.Stack) -> None:
    Model(stack, "Model", containers=[container(environment={"ACCOUNT": stack.account})])

    assert json.dumps(only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Environment"]) == (
        '{"ACCOUNT": {"Ref": "AWS::AccountId"}}'
    )
