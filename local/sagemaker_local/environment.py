"""The environment of every program that the twin starts: nothing in it can reach a real account."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACCOUNT = "123456789012"
"""The account that the embedded AWS answers for."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def default_region() -> str:
    """Return the region that the user's environment names, else ``us-east-1``."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def aws_variables(url: str, region: str, empty_file: Path) -> dict[str, str]:
    """Return what points AWS's clients at the embedded AWS.

    Args:
        url: Its URL.
        region: The region it stands for.
        empty_file: Takes the place of the user's configuration and credentials, profiles included.
    """
    return {
        **CREDENTIALS,
        "AWS_CONFIG_FILE": str(empty_file),
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_SHARED_CREDENTIALS_FILE": str(empty_file),
    }


def without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """Return ``variables`` without profiles, credentials, tokens and endpoints, whatever service they are for.

    Proxies go, too: everything that a child program talks to is on this machine.

    Args:
        variables: An environment, such as ``os.environ``.
    """
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    return {
        name: value for name, value in variables.items() if not name.startswith("AWS_") and name.upper() not in proxies
    }
