"""The environment of every program that the twin starts: nothing in it can reach a real account."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACCOUNT = "123456789012"
"""The account that the embedded AWS answers for."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

# What chooses an account, a role or an endpoint. The CDK's CLI reads its options from CDK_OPTION, too, and moto its
# settings from MOTO_SETTING.
_DROPPED_PREFIXES = ("AWS_", "BOTO_", "MOTO_", "CDK_DEFAULT_")
_DROPPED = {"CDK_APP", "CDK_OUTPUT", "CDK_PROFILE", "CDK_ROLE_ARN", "CDK_TOOLKIT_STACK_NAME", "FORCE_COLOR"}
_LOOPBACK = "localhost,127.0.0.1,::1"


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


def isolated(variables: Mapping[str, str], replacement: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which AWS is what ``replacement`` says and nothing else.

    Args:
        variables: An environment, such as ``os.environ``: its profiles, credentials, tokens, roles and endpoints go.
        replacement: What ``aws_variables`` returned.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if not name.upper().startswith(_DROPPED_PREFIXES) and name.upper() not in _DROPPED
    }
    # A proxy stays for who installs packages, but the embedded AWS is not behind it.
    no_proxy = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), _LOOPBACK)))
    return {**kept, **replacement, "NO_PROXY": no_proxy, "no_proxy": no_proxy}


@contextmanager
def process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Give this process another environment for a while: its own AWS clients read it, too.

    Args:
        variables: The whole environment.
    """
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
