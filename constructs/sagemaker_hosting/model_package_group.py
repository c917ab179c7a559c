"""A group of the model registry: the versions of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.stacks import note_place, stack_of
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

_LONGEST_NAME = 63
_LONGEST_DESCRIPTION = 1024


class IModelPackageGroup(cdk.IResource, Protocol):
    """A model package group, made here or imported."""

    @property
    def model_package_group_name(self) -> str:
        """Name of the group."""

    @property
    def model_package_group_arn(self) -> str:
        """ARN of the group."""


class ModelPackageGroup(cdk.Resource):
    """A group whose versions are numbered 1, 2, 3 as model packages are added."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        description: str | None = None,
        model_package_group_name: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        """Create the group.

        Args:
            scope: Parent.
            id: Id below the parent.
            description: What its models are for, at most 1,024 characters. It cannot be changed later: CloudFormation
                would have to replace the group by another of the same name.
            model_package_group_name: Physical name. Without it, one is made from the construct's path: this resource
                has no generated names.
            removal_policy: What happens to the group when it leaves the stack. Without it, the registry is kept,
                except when the deployment that made it is rolled back: the next one could not make another of the same
                name. A group that still has versions cannot be deleted.

        Raises:
            ValidationError: If the name or description is not valid.
        """
        super().__init__(scope, id, physical_name=model_package_group_name)
        note_place(self, scope, id)
        problems = Problems(lambda: f"ModelPackageGroup '{self.node.path}'")
        problems.matches("model_package_group_name", model_package_group_name, NAME_PATTERN, NAME_ALLOWED)
        problems.between("description", len(description or ""), 0, _LONGEST_DESCRIPTION, "characters")
        problems.raise_if_any()
        self._name = (
            cdk.Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-")
            if model_package_group_name is None
            else model_package_group_name
        )
        self._resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=self._name,
            model_package_group_description=description,
        )
        self._resource.apply_removal_policy(removal_policy)
        self._policy: iam.PolicyDocument | None = None

    @staticmethod
    def from_model_package_group_arn(
        scope: Construct,
        id: str,  # noqa: A002
        model_package_group_arn: str,
    ) -> IModelPackageGroup:
        """Refer to a group that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package_group_arn: Its ARN.
        """
        named = ResourceArn.from_arn(scope, "model-package-group", "model_package_group_arn", model_package_group_arn)
        return _ImportedModelPackageGroup(scope, id, named)

    @staticmethod
    def from_model_package_group_name(
        scope: Construct,
        id: str,  # noqa: A002
        model_package_group_name: str,
    ) -> IModelPackageGroup:
        """Refer to a group that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            model_package_group_name: Its name.
        """
        named = ResourceArn.from_name(scope, "model-package-group", model_package_group_name)
        return _ImportedModelPackageGroup(scope, id, named)

    @property
    def model_package_group_name(self) -> str:
        """Name of the group."""
        return self._name

    @property
    def model_package_group_arn(self) -> str:
        """ARN of the group."""
        return self._resource.attr_model_package_group_arn

    @property
    def model_packages_arn(self) -> str:
        """ARN that covers every version of the group, for statements."""
        return f"{self._written_arn('model-package')}/*"

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> None:
        """Let principals of other accounts do something with the group or its versions.

        Args:
            statement: With principals, and with ``model_packages_arn`` as its resource, or the group's ARN written out:
                ``model_package_group_arn`` is an attribute of the very resource that has the policy.
        """
        if self._policy is None:
            self._policy = iam.PolicyDocument()
            self._resource.model_package_group_policy = self._policy
        self._policy.add_statements(statement)

    def share_with(self, *, accounts: Sequence[str]) -> None:
        """Let other accounts look at the versions and host them.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html

        They cannot approve, change or add any. To host one they also need its image and model data, which the policies
        of the repository, the bucket and its key have to allow. What the app itself uploads is not for them: unless it
        was given another one, the bucket of ``cdk bootstrap`` has a key of AWS, which no other account can use.

        Args:
            accounts: Their numbers, 12 digits each, at least one.

        Raises:
            ValidationError: If there is none, or one is not a number of an account.
        """
        self._share(
            "share_with",
            accounts,
            {
                self._written_arn("model-package-group"): ["sagemaker:DescribeModelPackageGroup"],
                self.model_packages_arn: [
                    "sagemaker:CreateModel",
                    "sagemaker:DescribeModelPackage",
                    "sagemaker:ListModelPackages",
                ],
            },
        )

    def grant_register(self, *, accounts: Sequence[str]) -> None:
        """Let other accounts, such as those that train, register versions in the group.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html

        Args:
            accounts: Their numbers, 12 digits each, at least one.

        Raises:
            ValidationError: If there is none, or one is not a number of an account.
        """
        self._share("grant_register", accounts, {self.model_packages_arn: ["sagemaker:CreateModelPackage"]})

    def _share(self, method: str, accounts: Sequence[str], actions: dict[str, list[str]]) -> None:
        problems = Problems(lambda: f"{method} of ModelPackageGroup '{self.node.path}'")
        problems.check(bool(accounts), "accounts must be at least 1 account, got none")
        for account in accounts:
            problems.matches("accounts", account, r"\d{12}", "numbers of 12 digits")
        problems.raise_if_any()
        for resource, allowed in actions.items():
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=allowed,
                    principals=[iam.AccountPrincipal(account) for account in accounts],
                    resources=[resource],
                )
            )

    def _written_arn(self, kind: str) -> str:
        # The group cannot refer to its own ARN; names in ARNs are in lower case.
        return ResourceArn.from_name(self, kind, self._name).arn


class _ImportedModelPackageGroup(cdk.Resource):
    def __init__(self, scope: Construct, id: str, named: ResourceArn) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=named.arn)
        self.model_package_group_arn = named.arn
        self.model_package_group_name = named.name


def group_reference(scope: Construct, group: IModelPackageGroup) -> str:
    """Return what names a group to SageMaker: its name in the account of ``scope``, its ARN if it is in another.

    Args:
        scope: Where a version is registered.
        group: The group.
    """
    return group.model_package_group_arn if is_elsewhere(scope, group) else group.model_package_group_name


def is_elsewhere(scope: Construct, group: IModelPackageGroup) -> bool:
    """Whether a group is in another account than ``scope``, as far as that is known.

    Args:
        scope: Where a version is registered.
        group: The group.
    """
    if isinstance(group, ModelPackageGroup) and stack_of(group) is stack_of(scope):
        return False
    account = group.env.account
    return not is_token(account) and account != stack_of(scope).account
