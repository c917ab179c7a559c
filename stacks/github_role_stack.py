"""The roles that workflows of GitHub deploy an account's environments with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from stacks.environments import HostingEnvironment
    from stacks.promotion import GitHub

_HOST = "token.actions.githubusercontent.com"
_QUALIFIER = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
_BOOTSTRAP_ROLES = ("deploy-role", "file-publishing-role", "image-publishing-role", "lookup-role")


class GitHubRoleStack(cdk.Stack):
    """A role for each environment, which only jobs of that environment of the repository may assume.

    It may do nothing but assume the roles that ``cdk bootstrap`` made for deploying. Who may run a job of an
    environment, and who has to approve it, is set at GitHub:
    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        environments: Sequence[HostingEnvironment],
        github: GitHub,
    ) -> None:
        """Create provider and roles.

        Args:
            scope: The app.
            id: Name of the stack.
            environments: Those of one account.
            github: The repository.
        """
        first = environments[0]
        super().__init__(
            scope,
            id,
            env=cdk.Environment(account=first.account, region=first.region),
            description=f"Lets workflows of {github.repository} deploy",
        )
        provider_arn = self.format_arn(service="iam", region="", resource="oidc-provider", resource_name=_HOST)
        if not github.provider_exists:
            made = iam.OidcProviderNative(self, "GitHub", url=f"https://{_HOST}", client_ids=["sts.amazonaws.com"])
            provider_arn = made.open_id_connect_provider_arn
        for environment in environments:
            role = iam.Role(
                self,
                f"Deploy-{environment.name}",
                assumed_by=iam.WebIdentityPrincipal(
                    provider_arn,
                    conditions={
                        "StringEquals": {
                            f"{_HOST}:aud": "sts.amazonaws.com",
                            f"{_HOST}:sub": f"repo:{github.repository}:environment:{environment.name}",
                        }
                    },
                ),
                description=f"Deploys Hosting-{environment.name} for jobs of {github.repository}",
                max_session_duration=cdk.Duration.hours(2),
            )
            role.add_to_policy(
                iam.PolicyStatement(actions=["sts:AssumeRole"], resources=self._bootstrap_roles(environment.region))
            )
            cdk.CfnOutput(self, f"Role-{environment.name}", value=role.role_arn)

    @classmethod
    def for_each_account(
        cls, scope: Construct, *, environments: Sequence[HostingEnvironment], github: GitHub
    ) -> list[GitHubRoleStack]:
        """Create one stack for each account, which can have one provider; it is in the region of the first environment.

        Args:
            scope: The app.
            environments: All of them.
            github: The repository.
        """
        accounts: dict[str | None, list[HostingEnvironment]] = {}
        for environment in environments:
            accounts.setdefault(environment.account, []).append(environment)
        return [
            cls(scope, "-".join(["GitHubRoles", *(one.name for one in group)]), environments=group, github=github)
            for group in accounts.values()
        ]

    def _bootstrap_roles(self, region: str | None) -> list[str]:
        return [
            self.format_arn(
                service="iam",
                region="",
                resource="role",
                resource_name=f"cdk-{_QUALIFIER}-{name}-{self.account}-{self.region if region is None else region}",
            )
            for name in _BOOTSTRAP_ROLES
        ]
