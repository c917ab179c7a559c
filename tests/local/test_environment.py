from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_local.environment import aws_variables, isolated

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_that_could_lead_to_a_real_account_is_passed_on() -> None:
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_PROFILE": "production",
        "AWS_ROLE_ARN": "arn",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "CDK_DEFAULT_ACCOUNT": "111122223333",
        "CDK_PROFILE": "production",
        "CDK_ROLE_ARN": "arn",
        "HOME": "/home/user",
    }

    assert isolated(variables, {"AWS_ENDPOINT_URL": "http://localhost:5000"}) == {
        "AWS_ENDPOINT_URL": "http://localhost:5000",
        "HOME": "/home/user",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
    }


def test_a_proxy_is_kept_for_others_than_the_embedded_aws() -> None:
    variables = isolated({"HTTPS_PROXY": "http://proxy", "no_proxy": "intranet"}, {})

    assert variables["HTTPS_PROXY"] == "http://proxy"
    assert variables["NO_PROXY"] == "intranet,localhost,127.0.0.1,::1"


def test_every_place_that_aws_clients_look_at_is_set(tmp_path: Path) -> None:
    empty = tmp_path / "empty"

    assert aws_variables("http://localhost:5000", "eu-central-1", empty) == {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_CONFIG_FILE": str(empty),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://localhost:5000",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
    }
