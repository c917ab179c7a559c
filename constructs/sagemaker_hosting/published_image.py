"""Images in accounts of AWS, of which there is one in each region."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from sagemaker_hosting.facts import facts
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAPPING = "SageMakerImageAccounts"
_DIGITS = 8


def accounts_of(repository: str) -> dict[str, str]:
    """Return the account of a repository in each region; a name that is not known counts as a Deep Learning Container.

    Args:
        repository: Its name.
    """
    images = facts("images")
    accounts: dict[str, str] = images["accounts"][
        str(images["repositories"].get(repository, images["repositories"][""]))
    ]
    return accounts


def account_in(stack: cdk.Stack, accounts: Mapping[str, str], *, owner: str, what: str) -> str:
    """Return the account for the region of a stack; where that is not known yet, CloudFormation looks it up.

    Args:
        stack: The stack. It gets one mapping for all of its images.
        accounts: The account in each region.
        owner: Named by the error.
        what: The image, named by the error.

    Raises:
        ValidationError: If the stack is in a region where the image is not published.
    """
    if not is_token(stack.region):
        problems = Problems(owner)
        problems.check(
            stack.region in accounts,
            f"{what} must be in a region that AWS publishes it in, which are {', '.join(sorted(accounts))}, got "
            f"{stack.region!r}",
        )
        problems.raise_if_any()
        return accounts[stack.region]
    mapping = stack.node.try_find_child(_MAPPING) or cdk.CfnMapping(stack, _MAPPING)
    assert isinstance(mapping, cdk.CfnMapping)  # noqa: S101  nothing else has this id
    name = _name(accounts)
    for region, account in accounts.items():
        mapping.set_value(region, name, account)
    return mapping.find_in_map(cdk.Aws.REGION, name)


def _name(accounts: Mapping[str, str]) -> str:
    """A name of letters and digits that changes only with the accounts."""
    return f"Accounts{hashlib.sha256(json.dumps(accounts, sort_keys=True).encode()).hexdigest()[:_DIGITS]}"
