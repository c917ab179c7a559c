"""What a VPC without a way to the internet needs, so that models can be hosted in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge, acknowledge_in_packs
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3

_ECR = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
]
_KMS = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
_READ = ["s3:GetObject", "s3:ListBucket"]
_WRITE = ["s3:AbortMultipartUpload", "s3:PutObject"]
_RUNTIME = [
    "sagemaker:InvokeEndpoint",
    "sagemaker:InvokeEndpointAsync",
    "sagemaker:InvokeEndpointWithResponseStream",
]
_HTTPS_ONLY = "The only way in is HTTPS from the addresses of the VPC, which are known only at deployment."
_STS = ["sts:AssumeRole", "sts:GetCallerIdentity"]
_API = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"]


@jsii.implements(ec2.IConnectable)
class HostingVpcEndpoints(Construct):
    """VPC endpoints, each of which lets principals of the account do only what hosting needs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/interface-vpc-endpoint.html

    The endpoint for Amazon S3 costs nothing, and SageMaker itself needs it to put model data into a container. Each
    other one costs by the hour and zone, and is for what the containers, or callers in the VPC, do themselves.

    Attributes:
        security_group: What filters the traffic to the interface endpoints.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        vpc: ec2.IVpc,
        ecr: bool = False,
        kms: bool = False,
        logs: bool = False,
        monitoring: bool = False,
        private_dns: bool = True,
        s3: bool = True,
        s3_buckets: Sequence[s3.IBucket] | None = None,
        sagemaker_api: bool = False,
        sagemaker_runtime: bool = False,
        sts: bool = False,
        subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        """Create the endpoints.

        Args:
            scope: Parent.
            id: Id below the parent.
            vpc: The VPC.
            ecr: Whether images can be pulled from the VPC: two interface endpoints.
            kms: Whether data can be encrypted and decrypted.
            logs: Whether logs can be written.
            monitoring: Whether metrics can be published.
            private_dns: Whether the names of the services lead to the endpoints. Without it, clients must be told.
            s3: Whether objects can be read and written: a gateway endpoint.
            s3_buckets: The buckets that the gateway leads to, beside those in which Amazon ECR keeps layers. Model data
                is fetched through it, too: what is published with the app lies in the bucket of the bootstrap stack,
                ``cdk-hnb659fds-assets-ACCOUNT-REGION`` unless that was bootstrapped otherwise. Without it, the gateway
                leads to all buckets, as far as roles allow.
            sagemaker_api: Whether endpoints can be described.
            sagemaker_runtime: Whether endpoints can be invoked.
            sts: Whether roles can be assumed.
            subnets: Where the interfaces are; the gateway is in the route tables of the same subnets. Without it, in
                the private ones.

        Raises:
            ValidationError: If buckets are given without the gateway, or there are none.
        """
        super().__init__(scope, id)
        problems = Problems(lambda: f"HostingVpcEndpoints '{self.node.path}'")
        problems.check(s3 or s3_buckets is None, "s3_buckets must not be given without s3")
        problems.check(s3_buckets is None or len(s3_buckets) > 0, "s3_buckets must be at least 1 bucket, got 0")
        problems.raise_if_any()
        self._vpc = vpc
        self._subnets = subnets
        self._private_dns = private_dns
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description=f"Endpoints of {self.node.path}"
        )
        acknowledge(
            self.security_group,
            "AwsSolutions-EC23",
            _HTTPS_ONLY,
        )
        for rule in ("EC2RestrictedCommonPorts", "EC2RestrictedSSH"):
            acknowledge_in_packs(self.security_group, rule, _HTTPS_ONLY)
        if s3:
            self._add_gateway(s3_buckets)
        service = ec2.InterfaceVpcEndpointAwsService
        for wanted, name, endpoint_service, actions in (
            (ecr, "EcrApi", service.ECR, _ECR),
            (ecr, "EcrDocker", service.ECR_DOCKER, _ECR),
            (kms, "Kms", service.KMS, _KMS),
            (logs, "Logs", service.CLOUDWATCH_LOGS, _LOGS),
            (monitoring, "Monitoring", service.CLOUDWATCH_MONITORING, ["cloudwatch:PutMetricData"]),
            (sagemaker_api, "SageMakerApi", service.SAGEMAKER_API, _API),
            (sagemaker_runtime, "SageMakerRuntime", service.SAGEMAKER_RUNTIME, _RUNTIME),
            (sts, "Sts", service.STS, _STS),
        ):
            if wanted:
                self._add_interface(name, endpoint_service, actions)

    @property
    def connections(self) -> ec2.Connections:
        """What may reach the interface endpoints; everything in the VPC may by itself."""
        return self.security_group.connections

    def _add_gateway(self, buckets: Sequence[s3.IBucket] | None) -> None:
        gateway = ec2.GatewayVpcEndpoint(
            self,
            "S3",
            service=ec2.GatewayVpcEndpointAwsService.S3,
            subnets=None if self._subnets is None else [self._subnets],
            vpc=self._vpc,
        )
        if buckets is None:
            return
        stack = cdk.Stack.of(self)
        layers = f"arn:{stack.partition}:s3:::prod-{stack.region}-starport-layer-bucket/*"
        own = [arn for bucket in buckets for arn in (bucket.bucket_arn, bucket.arn_for_objects("*"))]
        for actions, resources in (([*_READ, *_WRITE], own), (["s3:GetObject"], [layers])):
            gateway.add_to_policy(
                iam.PolicyStatement(actions=actions, principals=[iam.AnyPrincipal()], resources=resources)
            )

    def _add_interface(self, id: str, service: ec2.IInterfaceVpcEndpointService, actions: list[str]) -> None:  # noqa: A002
        endpoint = ec2.InterfaceVpcEndpoint(
            self,
            id,
            private_dns_enabled=self._private_dns,
            security_groups=[self.security_group],
            service=service,
            subnets=self._subnets,
            vpc=self._vpc,
        )
        endpoint.add_to_policy(
            iam.PolicyStatement(
                actions=actions,
                conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account}},
                principals=[iam.AnyPrincipal()],
                resources=["*"],
            )
        )
