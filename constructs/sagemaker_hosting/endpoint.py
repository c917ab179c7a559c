"""A SageMaker Endpoint: what callers invoke."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Protocol, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as references
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_wildcard
from sagemaker_hosting.endpoint_config import EndpointConfig
from sagemaker_hosting.endpoint_metrics import EndpointMetrics
from sagemaker_hosting.endpoint_variant import EndpointInstanceProductionVariant, EndpointServerlessProductionVariant
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.s3_prefix import S3Prefix
from sagemaker_hosting.stacks import note_place
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_s3 as s3
    from constructs import IConstruct

    from sagemaker_hosting.deployment import Deployment
    from sagemaker_hosting.endpoint_config import IEndpointConfig


class IEndpoint(sagemaker.IEndpoint, Protocol):
    """An endpoint, made here or imported."""

    @property
    def endpoint_name(self) -> str:
        """Name of the endpoint."""

    @property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""

    @property
    def endpoint_config(self) -> IEndpointConfig | None:
        """The variants that answer; ``None`` for an imported endpoint."""

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Let ``grantee`` do ``actions`` with this endpoint."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask this endpoint for predictions, whole or streamed."""

    def grant_invoke_containers(self, grantee: iam.IGrantable, *container_hostnames: str) -> iam.Grant:
        """Let ``grantee`` ask only these containers of a model in direct mode."""

    def grant_invoke_async(self, grantee: iam.IGrantable, *, input_bucket: s3.IBucket, input_prefix: str) -> iam.Grant:
        """Let ``grantee`` queue requests at this endpoint."""

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` see the state of this endpoint."""


@jsii.implements(sagemaker.IEndpoint)
class _EndpointBase(EndpointMetrics, cdk.Resource):
    @property
    @abc.abstractmethod
    @jsii.member(jsii_name="endpointArn")
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""

    @property
    @abc.abstractmethod
    @jsii.member(jsii_name="endpointName")
    def endpoint_name(self) -> str:
        """Name of the endpoint."""

    @property
    @jsii.member(jsii_name="endpointRef")
    def endpoint_ref(self) -> references.EndpointReference:
        """The endpoint, as constructs of the CDK refer to it."""
        return references.EndpointReference(endpoint_arn=self.endpoint_arn)

    def grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Let ``grantee`` do ``actions`` with this endpoint.

        Args:
            grantee: A role, a function, a user.
            actions: IAM actions with their ``sagemaker:`` prefix.
        """
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.endpoint_arn])

    @jsii.member(jsii_name="grantInvoke")
    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask this endpoint for predictions, whole or streamed.

        Args:
            grantee: A role, a function, a user.
        """
        return self.grant(grantee, "sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")

    def grant_invoke_containers(self, grantee: iam.IGrantable, *container_hostnames: str) -> iam.Grant:
        """Let ``grantee`` ask only these containers of a model in direct mode.

        https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-security.html

        Args:
            grantee: A role, a function, a user.
            container_hostnames: Host names of the containers, at least one.

        Raises:
            ValidationError: If there is none.
        """
        problems = Problems(lambda: f"grant_invoke_containers of '{self.node.path}'")
        problems.between("container_hostnames", len(container_hostnames), 1, None, "names")
        problems.raise_if_any()
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sagemaker:InvokeEndpoint"],
            resource_arns=[self.endpoint_arn],
            conditions={"StringEquals": {"sagemaker:TargetModel": list(container_hostnames)}},
        )

    def grant_invoke_async(self, grantee: iam.IGrantable, *, input_bucket: s3.IBucket, input_prefix: str) -> iam.Grant:
        """Let ``grantee`` queue requests at this endpoint, and upload the payloads that they name.

        That payloads may have any name in the folder is acknowledged for cdk-nag on the role, user or group.

        Args:
            grantee: A role, a function, a user.
            input_bucket: Where payloads go: the one of ``AsyncInference``.
            input_prefix: Folder in the bucket, without a slash at either end.

        Raises:
            ValidationError: If the prefix is not valid.
        """
        place = S3Prefix(input_bucket, input_prefix)
        problems = Problems(lambda: f"grant_invoke_async of '{self.node.path}'")
        place.check(problems, "input_prefix")
        problems.raise_if_any()
        invoke = self.grant(grantee, "sagemaker:InvokeEndpointAsync")
        upload = iam.Grant.add_to_principal(
            grantee=grantee, actions=["s3:PutObject"], resource_arns=[place.objects_arn]
        )
        principal = grantee.grant_principal
        if hasattr(principal, "node"):
            acknowledge_wildcard(
                cast("IConstruct", principal),
                place.objects_arn,
                "Callers name the payloads that they upload; the endpoint reads this folder and no other.",
            )
        key = input_bucket.encryption_key
        if key is not None:
            upload = upload.combine(key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey"))
        return invoke.combine(upload)

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` see the state of this endpoint.

        Args:
            grantee: A role, a function, a user.
        """
        return self.grant(grantee, "sagemaker:DescribeEndpoint")


class Endpoint(_EndpointBase):
    """An endpoint. A changed configuration updates it in place: it keeps its name and goes on answering."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint_config: IEndpointConfig,
        deployment: Deployment | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        """Create the endpoint.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_config: The variants that answer.
            deployment: How an update reaches callers, and what takes it back. Without it, all requests move to a new
                fleet in one step, and nothing is watched. Alarms that a deployment makes watch the variants that the
                configuration has by now.
            endpoint_name: Physical name. Without it, CloudFormation makes one. A deployment that makes alarms makes a
                name, too, which replaces an endpoint that exists already: see ``RollbackAlarms.of_endpoint``.

        Raises:
            ValidationError: If the name is not valid, or the variants cannot be deployed that way.
        """
        super().__init__(scope, id, physical_name=endpoint_name)
        note_place(self, scope, id)
        problems = Problems(lambda: f"Endpoint '{self.node.path}'")
        problems.matches("endpoint_name", endpoint_name, NAME_PATTERN, NAME_ALLOWED)
        problems.raise_if_any()
        self._endpoint_config = endpoint_config
        self._fixed_name = endpoint_name
        self._alarm_policy: iam.Policy | None = None
        deployment_config = None if deployment is None else deployment.bind(self)
        self._resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            deployment_config=deployment_config,
            endpoint_config_name=endpoint_config.endpoint_config_name,
            endpoint_name=self._fixed_name,
        )
        self._name: str | None = None
        if self._alarm_policy is not None:
            self._resource.node.add_dependency(self._alarm_policy)
        self._scaling_scope: Construct | None = None
        self._scaled: set[str] = set()

    @staticmethod
    def from_endpoint_arn(scope: Construct, id: str, endpoint_arn: str) -> IEndpoint:  # noqa: A002
        """Refer to an endpoint that exists.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_arn: Its ARN.
        """
        return _ImportedEndpoint(scope, id, ResourceArn.from_arn(scope, "endpoint", "endpoint_arn", endpoint_arn))

    @staticmethod
    def from_endpoint_attributes(scope: Construct, id: str, *, endpoint_arn: str) -> IEndpoint:  # noqa: A002
        """Refer to an endpoint that exists; the same as ``from_endpoint_arn``.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_arn: Its ARN.
        """
        return Endpoint.from_endpoint_arn(scope, id, endpoint_arn)

    @staticmethod
    def from_endpoint_name(scope: Construct, id: str, endpoint_name: str) -> IEndpoint:  # noqa: A002
        """Refer to an endpoint that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint_name: Its name.
        """
        return _ImportedEndpoint(scope, id, ResourceArn.from_name(scope, "endpoint", endpoint_name))

    @property
    @jsii.member(jsii_name="endpointName")
    def endpoint_name(self) -> str:
        """Name of the endpoint."""
        if self._name is None:
            self._name = self._resource.attr_endpoint_name
        return self._name

    @property
    @jsii.member(jsii_name="endpointArn")
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""
        return self._resource.ref

    @property
    def endpoint_config(self) -> IEndpointConfig:
        """The variants that answer."""
        return self._endpoint_config

    @property
    def measured_name(self) -> str:
        """Name of the endpoint, as metrics have it."""
        return self.endpoint_name if self._fixed_name is None else self._fixed_name

    @property
    def instance_production_variants(self) -> tuple[EndpointInstanceProductionVariant, ...]:
        """The variants on instances; none if the configuration was imported."""
        config = self._endpoint_config
        if not isinstance(config, EndpointConfig):
            return ()
        has_queue = config.async_inference is not None
        return tuple(
            EndpointInstanceProductionVariant(endpoint=self, props=props, has_queue=has_queue)
            for props in config.instance_production_variants
        )

    @property
    def serverless_production_variants(self) -> tuple[EndpointServerlessProductionVariant, ...]:
        """The serverless variant, if there is one."""
        config = self._endpoint_config
        if not isinstance(config, EndpointConfig) or config.serverless_production_variant is None:
            return ()
        return (EndpointServerlessProductionVariant(endpoint=self, props=config.serverless_production_variant),)

    def find_instance_production_variant(self, name: str) -> EndpointInstanceProductionVariant:
        """Return a variant on instances, to be measured and scaled.

        Args:
            name: Its ``variant_name``.

        Raises:
            ValidationError: If there is none of that name, or the configuration was imported, so that its variants
                are not known.
        """
        for variant in self.instance_production_variants:
            if variant.variant_name == name:
                return variant
        raise self._unknown("instance", name, [other.variant_name for other in self.instance_production_variants])

    def find_serverless_production_variant(self, name: str) -> EndpointServerlessProductionVariant:
        """Return the serverless variant, to be measured and scaled.

        Args:
            name: Its ``variant_name``.

        Raises:
            ValidationError: If there is none of that name, or the configuration was imported, so that its variants
                are not known.
        """
        for variant in self.serverless_production_variants:
            if variant.variant_name == name:
                return variant
        known = [other.variant_name for other in self.serverless_production_variants]
        raise self._unknown("serverless", name, known)

    def fix_name(self) -> None:
        """Give the endpoint a name that is known before it is made, if it has none; for alarms that come first."""
        if self._fixed_name is None:
            self._fixed_name = cdk.Names.unique_resource_name(self, max_length=63, separator="-")

    def let_roles_see(self, alarms: Sequence[cloudwatch.IAlarm]) -> None:
        """Let the roles of the variants see the alarms that take a deployment back.

        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms

        Args:
            alarms: The alarms. The role of a model that was imported by name is not known and must be given that right
                where it is made.
        """
        config = self._endpoint_config
        known = config.roles if isinstance(config, EndpointConfig) else ()
        if not known:
            return
        seeing = Permission(actions=("cloudwatch:DescribeAlarms",), resources=[alarm.alarm_arn for alarm in alarms])
        self._alarm_policy = create_own_policy(self, "AlarmPolicy", known, [seeing])

    @property
    def scaling_scope(self) -> Construct:
        """Where what scales the variants is created."""
        if self._scaling_scope is None:
            self._scaling_scope = Construct(self, "Scaling")
            note_place(self._scaling_scope, self, "Scaling")
        return self._scaling_scope

    def check_not_scaled(self, problems: Problems, variant_name: str) -> None:
        """Record that a variant is scaled already.

        Args:
            problems: Where to record.
            variant_name: The variant.
        """
        problems.check(
            variant_name not in self._scaled,
            f"the variant {variant_name!r} must be scaled only once: use what the first call returned",
        )

    def keep_capacity(self, variant_name: str) -> None:
        """Let updates keep the capacity that autoscaling has set, and still set the weights that the variants have.

        Without it, an update starts every variant with its initial number of instances again.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html

        Args:
            variant_name: The variant that is scaled now.
        """
        self._scaled.add(variant_name)
        self._resource.retain_all_variant_properties = True
        self._resource.exclude_retained_variant_properties = [
            sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredWeight")
        ]

    def _unknown(self, kind: str, name: str, known: list[str]) -> ValidationError:
        return ValidationError(
            f"Endpoint '{self.node.path}'",
            [f"name must be that of a variant of kind {kind}, one of {known}, got {name!r}"],
        )


class _ImportedEndpoint(_EndpointBase):
    endpoint_config = None

    def __init__(self, scope: Construct, id: str, named: ResourceArn) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=named.arn)
        self._named = named

    @property
    @jsii.member(jsii_name="endpointArn")
    def endpoint_arn(self) -> str:
        return self._named.arn

    @property
    @jsii.member(jsii_name="endpointName")
    def endpoint_name(self) -> str:
        return self._named.name

    @property
    def measured_name(self) -> str:
        return self.endpoint_name
