"""Settings of the path that a model takes from one environment to the next."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from sagemaker_hosting import ValidationError

_REPOSITORY = r"[\w.-]+(/[\w.-]+)+"
_SUBJECT = r"[\w.-]+/[\w.-]+|[\w.-]+@\d+/[\w.-]+@\d+"


class Approval(enum.Enum):
    """Who lets a model go beyond the first environment."""

    PERSON = "person"
    """Somebody with the right to approve in the pipeline."""
    REGISTRY = "registry"
    """Whoever sets the version that was deployed to ``Approved`` in the model registry; a person still can."""


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """Where the source comes from, and who approves.

    Attributes:
        repository: ``OWNER/NAME`` at the code host.
        connection_arn: The connection of AWS to the code host, made once in the console:
            https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-create-github.html
            The pipeline is in its account and region.
        branch: What is deployed.
        approval: Who lets a model go beyond the first environment.

    Raises:
        ValidationError: If the repository or the ARN is of another form.
    """

    repository: str
    connection_arn: str
    branch: str = "main"
    approval: Approval = Approval.PERSON

    def __post_init__(self) -> None:
        _check(
            self,
            ("repository", _REPOSITORY, "OWNER/NAME"),
            (
                "connection_arn",
                r"arn:aws[a-z-]*:code(connections|star-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}",
                "arn:aws:codeconnections:REGION:ACCOUNT:connection/ID",
            ),
            ("branch", r"[\w./-]+", "the name of a branch"),
        )

    @property
    def account(self) -> str:
        """Account of the connection and the pipeline."""
        return self.connection_arn.split(":")[4]

    @property
    def region(self) -> str:
        """Region of the connection and the pipeline."""
        return self.connection_arn.split(":")[3]


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """A repository whose workflows deploy, without a stored key.

    Attributes:
        repository: The repository as GitHub's tokens name it. ``OWNER/NAME``, or, by default if it was made or renamed
            since 15 July 2026, with the numbers of both, ``OWNER@ID/NAME@ID``:
            https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
        provider_exists: Whether the accounts have GitHub's OpenID Connect provider already; an account can have one.

    Raises:
        ValidationError: If the repository is of another form.
    """

    repository: str
    provider_exists: bool = False

    def __post_init__(self) -> None:
        _check(self, ("repository", _SUBJECT, "OWNER/NAME or OWNER@ID/NAME@ID"))


def _check(settings: Promotion | GitHub, *checks: tuple[str, str, str]) -> None:
    problems = [
        f"{name} must be {allowed}, got {value!r}"
        for name, pattern, allowed in checks
        if not re.fullmatch(pattern, value := getattr(settings, name))
    ]
    if problems:
        raise ValidationError(f"{type(settings).__name__} in stacks/environments.py", problems)
