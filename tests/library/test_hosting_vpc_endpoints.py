from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from library.templates import only
from sagemaker_hosting import HostingVpcEndpoints, ValidationError

ENDPOINT = "AWS::EC2::VPCEndpoint"
EVERY: dict[str, Any] = dict.fromkeys(
    ("ecr", "kms", "logs", "monitoring", "sagemaker_api", "sagemaker_runtime", "sts"), True
)


def isolated(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Vpc",
        flow_logs={"All": ec2.FlowLogOptions()},
        subnet_configuration=[
            ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )


def services(stack: cdk.Stack) -> list[str]:
    found = Template.from_stack(stack).find_resources(ENDPOINT).values()
    return sorted(str(each["Properties"]["ServiceName"]).rsplit(".", maxsplit=1)[-1].strip("']}") for each in found)


def test_only_what_sagemaker_needs_is_made_unless_more_is_asked_for(stack: cdk.Stack) -> None:
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack))

    found = only(stack, ENDPOINT)
    assert found["VpcEndpointType"] == "Gateway"
    assert len(found["RouteTableIds"]) == 2


def test_each_endpoint_can_be_switched(stack: cdk.Stack) -> None:
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), s3=False, **EVERY)

    assert services(stack) == [
        "api",
        "api",
        "dkr",
        "kms",
        "logs",
        "monitoring",
        "runtime",
        "sts",
    ]


def test_interfaces_answer_principals_of_the_account_for_what_hosting_does(stack: cdk.Stack) -> None:
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), s3=False, sagemaker_runtime=True)

    found = only(stack, ENDPOINT)
    (statement,) = found["PolicyDocument"]["Statement"]
    assert statement["Action"] == [
        "sagemaker:InvokeEndpoint",
        "sagemaker:InvokeEndpointAsync",
        "sagemaker:InvokeEndpointWithResponseStream",
    ]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    assert found["PrivateDnsEnabled"] is True
    assert len(found["SubnetIds"]) == 2


def test_names_can_be_left_as_they_are(stack: cdk.Stack) -> None:
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), s3=False, logs=True, private_dns=False)

    assert only(stack, ENDPOINT)["PrivateDnsEnabled"] is False


def test_the_way_to_s3_can_end_at_some_buckets(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), s3_buckets=[bucket])

    own, layers = only(stack, ENDPOINT)["PolicyDocument"]["Statement"]
    assert [str(arn).rsplit(":::", maxsplit=1)[-1].strip("']}") for arn in own["Resource"]] == ["models", "models/*"]
    assert "starport-layer-bucket/*" in str(layers["Resource"])
    assert layers["Action"] == "s3:GetObject"


def test_everything_in_the_vpc_reaches_the_interfaces_and_nothing_else(stack: cdk.Stack) -> None:
    made = HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), sts=True)
    made.connections.allow_from(ec2.Peer.ipv4("10.1.0.0/16"), ec2.Port.tcp(443))

    group = only(stack, "AWS::EC2::SecurityGroup")
    assert len(group["SecurityGroupIngress"]) == 2
    assert {rule["FromPort"] for rule in group["SecurityGroupIngress"]} == {443}


def test_the_endpoints_pass_the_security_checks() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), **EVERY)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"s3_buckets": []}, "s3_buckets must be at least 1 bucket, got 0"),
        ({"s3": False, "s3_buckets": []}, "s3_buckets must not be given without s3"),
    ],
)
def test_fails_for_a_way_that_leads_nowhere(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        HostingVpcEndpoints(stack, "Endpoints", vpc=isolated(stack), **arguments)
