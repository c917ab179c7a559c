"""Whether a value is known before the deployment."""

from __future__ import annotations

import aws_cdk as cdk

_TEXT = "{Token["
_NUMBER = -1e280


def is_token(value: object) -> bool:
    """Whether a value is a token, which no check can look at.

    A plain text or number is told apart here: the CDK, which knows the others, is asked in another process.
    """
    if value is None or (isinstance(value, str) and _TEXT not in value):
        return False
    if isinstance(value, int | float) and value > _NUMBER:
        return False
    return cdk.Token.is_unresolved(value)
