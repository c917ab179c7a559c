"""A Lambda function that asks an endpoint for known predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_in_packs
from sagemaker_hosting.bundle import FUNCTIONS
from sagemaker_hosting.log_encryption import let_logs_use
from sagemaker_hosting.own_policy import create_own_policy
from sagemaker_hosting.permission import Permission
from sagemaker_hosting.stacks import note_place, path_below
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.endpoint import IEndpoint
    from sagemaker_hosting.sample_payloads import SamplePayloads

_PACKAGE = "smoke_test"
_CONNECTING = Permission(
    actions=(
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ),
    resources=("*",),
    wildcard_reason="AWS Lambda makes and deletes the interfaces of a function, and describing takes no resource.",
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""


class SmokeTest(Construct):
    """Sends sample payloads to an endpoint and compares its answers with the expected ones.

    Invoke the function with an empty event; it returns ``passed`` and, for each payload, result, status and latency.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        endpoint: IEndpoint,
        payloads: SamplePayloads,
        encryption_key: kms.IKey | None = None,
        function_name: str | None = None,
        gate: bool = False,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.DESTROY,
        reserved_concurrency: int | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        timeout: cdk.Duration | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        """Create the function.

        Args:
            scope: Parent.
            id: Id below the parent.
            endpoint: What is tested.
            payloads: Requests and expected answers; uploaded with the app.
            encryption_key: Key that encrypts its logs. Without it, a key of AWS does.
            function_name: Physical name. Without it, CloudFormation makes one.
            gate: Whether the test runs in every deployment that changes the endpoint's configuration or the payloads,
                and fails it if an answer is wrong: CloudFormation then rolls the endpoint back. The configuration of
                an imported endpoint is not known: there, only changed payloads let it run.
            log_retention: How long its logs are kept.
            removal_policy: What happens to the log group when it leaves the stack.
            reserved_concurrency: How many tests may run at a time, at least 1, which are taken from what is left to the
                other functions of the account. Without it, as many as the account has left.
            security_groups: What filters its traffic in the VPC. Without it, one is made if there is a VPC.
            timeout: How long all payloads together may take, 1 second to 15 minutes. Without it, 30 seconds.
            vpc: VPC that it runs in. From there it must reach Amazon S3 and the endpoint. Without it,
                it runs in a network of AWS.
            vpc_subnets: Which subnets of the VPC. Without it, the private ones.

        Raises:
            ValidationError: If a number is outside these limits.
        """
        super().__init__(scope, id)
        note_place(self, scope, id)
        problems = Problems(lambda: f"SmokeTest '{self.node.path}'")
        problems.duration("timeout", timeout, 1, 900)
        problems.between("reserved_concurrency", reserved_concurrency, 1, None, "tests at a time")
        for name, value in (("security_groups", security_groups), ("vpc_subnets", vpc_subnets)):
            problems.check(vpc is not None or value is None, f"{name} must not be given without vpc")
        problems.raise_if_any()
        archive = payloads.bind_all(self)
        if encryption_key is not None:
            let_logs_use(encryption_key, self)
        log_group = logs.LogGroup(
            self, "Logs", encryption_key=encryption_key, retention=log_retention, removal_policy=removal_policy
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Runs the smoke test {path_below(scope, id)}",
        )
        self._function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(
                str(FUNCTIONS),
                exclude=["*", f"!{_PACKAGE}", f"!{_PACKAGE}/*", "**/__pycache__"],
                ignore_mode=cdk.IgnoreMode.GIT,
            ),
            description="Asks the endpoint for known predictions and compares the answers",
            environment={
                "BUCKET_NAME": archive.bucket_name,
                "ENDPOINT_NAME": endpoint.endpoint_name,
                "PAYLOADS_KEY": archive.object_key,
            },
            function_name=function_name,
            handler=f"{_PACKAGE}.handler.handler",
            log_group=log_group,
            reserved_concurrent_executions=reserved_concurrency,
            role=role,
            runtime=lambda_.Runtime.PYTHON_3_14,
            security_groups=None if security_groups is None else list(security_groups),
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            timeout=cdk.Duration.seconds(30) if timeout is None else timeout,
        )
        # Below the role, for which the function waits.
        create_own_policy(
            role,
            "Policy",
            [role],
            [
                Permission(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(log_group.log_group_arn,)),
                Permission(actions=("sagemaker:InvokeEndpoint",), resources=(endpoint.endpoint_arn,)),
                *archive.permissions,
                *(() if vpc is None else (_CONNECTING,)),
            ],
        )
        acknowledge_in_packs(
            self._function, "LambdaDLQ", "Whoever calls it waits for the answer; without one, a deployment fails."
        )
        if gate:
            self._add_gate(endpoint, archive.object_key)

    def _add_gate(self, endpoint: IEndpoint, payloads_key: str) -> None:
        config = endpoint.endpoint_config
        # A changed property is what makes CloudFormation ask again, and the endpoint's name what makes it wait.
        properties = {"EndpointName": endpoint.endpoint_name, "PayloadsKey": payloads_key}
        if config is not None:
            properties["EndpointConfigName"] = config.endpoint_config_name
        cdk.CustomResource(
            self,
            "Gate",
            resource_type="Custom::SmokeTest",
            service_token=self._function.function_arn,
            properties=properties,
        )

    @property
    def function(self) -> lambda_.IFunction:
        """The function."""
        return self._function
