from copy import deepcopy
from typing import Any

import pytest

from preflight.hosting_template import TEMPLATE
from sagemaker_hosting.preflight import check_template

STATEMENTS = TEMPLATE["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def rules(*, statement: Any, managed: list[Any] | None = None, separate: bool = False) -> set[str]:
    """The rules found when the role reads its model with one statement, inline or as a policy of its own."""
    template = deepcopy(TEMPLATE)
    role = template["Resources"]["Role"]["Properties"]
    role["Policies"][0]["PolicyDocument"]["Statement"] = [*STATEMENTS[1:], *([] if separate else [statement])]
    if managed is not None:
        role["ManagedPolicyArns"] = managed
    if separate:
        template["Resources"]["Policy2"] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "models",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Statement": statement},
            },
        }
        template["Resources"]["Model"]["DependsOn"] = "Policy2"
    return {one.rule for one in check_template(template)}


def allow(action: Any, resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


BUCKET_ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/iris/*"}),
        allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}),
        allow("s3:GetObject", {"Fn::Join": ["", [BUCKET_ARN, "/*"]]}),
        allow(
            "s3:GetObject", {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/*"]]}
        ),
        allow(["s3:List*", "s3:Get*"], [BUCKET_ARN, {"Fn::Sub": "${Bucket.Arn}/*"}]),
        allow("s3:*", "*"),
        allow("*", "*"),
        allow("S3:getobject", "*"),
        allow("s3:GetObject", {"Fn::ImportValue": "models"}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Fn::If": ["Condition", {}, {}]},
    ],
)
def test_a_statement_that_covers_the_model_is_enough(statement: Any) -> None:
    assert rules(statement=statement) == set()
    assert rules(statement=statement, separate=True) == set()


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:PutObject", "*"),
        allow("s3:GetObject", BUCKET_ARN),
        allow("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/wine/*"}),
        allow("s3:GetObject", "arn:aws:s3:::other/*"),
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"},
    ],
)
def test_fails_for_a_statement_that_does_not_cover_it(statement: Any) -> None:
    assert rules(statement=statement) == {"role-reads-model-data"}


def test_a_policy_that_is_managed_elsewhere_may_allow_anything() -> None:
    denied = allow("s3:PutObject", "*")

    assert rules(statement=denied, managed=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]) == set()
    assert rules(statement=denied, managed=[]) == {"role-reads-model-data"}


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, True),
        ({"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}, True),
        ("*", True),
        ({"Service": {"Fn::Sub": "sagemaker.${AWS::URLSuffix}"}}, True),
        ({"Ref": "Principal"}, True),
        ({"Service": "lambda.amazonaws.com"}, False),
        ({"AWS": "arn:aws:iam::111122223333:root"}, False),
    ],
)
def test_the_trust_policy_names_sagemaker(principal: Any, *, trusted: bool) -> None:
    template = deepcopy(TEMPLATE)
    template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = principal

    assert {one.rule for one in check_template(template)} == (set() if trusted else {"role-trust"})


def test_a_model_does_not_wait_for_rights_on_other_data_than_its_own() -> None:
    template = deepcopy(TEMPLATE)
    template["Resources"]["Transform"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "transform",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {"Statement": allow("s3:GetObject", "arn:aws:s3:::incoming/*")},
        },
    }

    assert check_template(template) == []
