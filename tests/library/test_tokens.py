from __future__ import annotations

import aws_cdk as cdk
import pytest

from sagemaker_hosting.tokens import is_token


@pytest.mark.parametrize("value", ["", "text", "${AWS::Region}", 0, -1, 1.5, -1e200, True, None, ["text"], {"a": 1}])
def test_a_plain_value_is_no_token(value: object) -> None:
    assert not is_token(value)


def test_a_text_that_holds_a_token_is_one() -> None:
    assert is_token(cdk.Aws.REGION)
    assert is_token(f"before-{cdk.Aws.REGION}-after")


def test_a_number_that_stands_for_a_token_is_one() -> None:
    assert is_token(cdk.Token.as_number(cdk.Fn.ref("Count")))


def test_a_list_that_stands_for_a_token_is_one() -> None:
    assert is_token(cdk.Fn.split(",", cdk.Aws.NOTIFICATION_ARNS[0]))


def test_what_is_resolved_later_is_a_token() -> None:
    assert is_token(cdk.Fn.get_att("Model", "ModelName"))
