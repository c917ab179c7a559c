from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_iam as iam

from library.templates import only
from sagemaker_hosting import ModelPackageGroup, ValidationError

if TYPE_CHECKING:
    import aws_cdk as cdk

GROUP = "AWS::SageMaker::ModelPackageGroup"


def policy(stack: cdk.Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = only(stack, GROUP)["ModelPackageGroupPolicy"]["Statement"]
    return found


def test_a_group_that_is_not_shared_has_no_policy(stack: cdk.Stack) -> None:
    ModelPackageGroup(stack, "Group")

    assert "ModelPackageGroupPolicy" not in only(stack, GROUP)


def test_accounts_it_is_shared_with_look_at_its_versions_and_host_them(stack: cdk.Stack) -> None:
    ModelPackageGroup(stack, "Group", model_package_group_name="Irises").share_with(
        accounts=["111122223333", "444455556666"]
    )
    group, versions = policy(stack)

    assert group["Action"] == "sagemaker:DescribeModelPackageGroup"
    assert json.dumps(group["Resource"]).endswith(':model-package-group/irises"]]}')
    assert versions["Action"] == [
        "sagemaker:CreateModel",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
    ]
    assert json.dumps(versions["Resource"]).endswith(':model-package/irises/*"]]}')
    for statement in (group, versions):
        principals = json.dumps(statement["Principal"])
        assert "111122223333:root" in principals
        assert "444455556666:root" in principals


def test_accounts_that_train_may_register_and_do_nothing_else(stack: cdk.Stack) -> None:
    ModelPackageGroup(stack, "Group").grant_register(accounts=["111122223333"])
    (statement,) = policy(stack)

    assert statement["Action"] == "sagemaker:CreateModelPackage"
    assert json.dumps(statement["Resource"]).endswith('/*"]]}')


def test_a_statement_of_ones_own_is_added(stack: cdk.Stack) -> None:
    group = ModelPackageGroup(stack, "Group")
    group.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sagemaker:ListModelPackages"],
            principals=[iam.OrganizationPrincipal("o-1234567890")],
            resources=[group.model_packages_arn],
        )
    )

    assert policy(stack)[0]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ([], "accounts must be at least 1 account, got none"),
        (["1234"], "accounts must be numbers of 12 digits, got '1234'"),
    ],
)
def test_fails_for_what_is_no_account(stack: cdk.Stack, accounts: list[str], problem: str) -> None:
    group = ModelPackageGroup(stack, "Group")

    with pytest.raises(ValidationError, match=problem):
        group.share_with(accounts=accounts)
