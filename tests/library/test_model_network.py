from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from library.templates import logical_id, only, small_model, statement
from sagemaker_hosting import (
    ContainerDefinition,
    ContainerImage,
    Endpoint,
    EndpointConfig,
    HostingVpcEndpoints,
    InferenceExecutionMode,
    Model,
    ServerlessProductionVariantProps,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

URI = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/{}:1"


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=1,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )


def model(stack: cdk.Stack, **arguments: Any) -> Model:
    return Model(
        stack,
        "Model",
        containers=[ContainerDefinition(image=ContainerImage.from_uri(URI.format("iris")))],
        **arguments,
    )


def containers(*hostnames: str | None) -> list[ContainerDefinition]:
    return [
        ContainerDefinition(image=ContainerImage.from_uri(URI.format("iris")), container_hostname=name)
        for name in hostnames
    ]


def subnets(stack: cdk.Stack) -> list[str]:
    return [subnet["Ref"] for subnet in only(stack, "AWS::SageMaker::Model")["VpcConfig"]["Subnets"]]


def test_containers_are_in_the_private_subnets_with_a_group_of_their_own(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    model(stack, vpc=vpc)

    assert subnets(stack) == [stack.resolve(subnet.subnet_id)["Ref"] for subnet in vpc.private_subnets]
    groups = only(stack, "AWS::SageMaker::Model")["VpcConfig"]["SecurityGroupIds"]
    assert [list(group) for group in groups] == [["Fn::GetAtt"]]
    (egress,) = only(stack, "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert (egress["CidrIp"], egress["IpProtocol"]) == ("0.0.0.0/0", "-1")


def test_subnets_can_be_chosen(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    model(stack, vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED))

    assert subnets(stack) == [stack.resolve(subnet.subnet_id)["Ref"] for subnet in vpc.isolated_subnets]


def test_fails_for_one_subnet(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    with pytest.raises(ValidationError, match="vpc_subnets must be 2 to 16 subnets, in different zones, got 1"):
        model(stack, vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[vpc.private_subnets[0]]))


def test_connections_that_are_not_allowed_are_not_open(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    model(stack, vpc=vpc, allow_all_outbound=False)

    (egress,) = only(stack, "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert egress["CidrIp"] == "255.255.255.255/32"


def test_containers_that_may_open_nothing_else_may_be_let_to_amazon_s3(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    made = model(stack, vpc=vpc, allow_all_outbound=False)
    made.connections.allow_to(ec2.PrefixList.from_prefix_list_id(stack, "S3", "pl-6ea54007"), ec2.Port.HTTPS)

    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupEgress", {"DestinationPrefixListId": "pl-6ea54007", "FromPort": 443, "ToPort": 443}
    )


def test_containers_that_may_open_nothing_else_may_be_let_to_the_interface_endpoints(
    stack: cdk.Stack, vpc: ec2.Vpc
) -> None:
    endpoints = HostingVpcEndpoints(stack, "Endpoints", vpc=vpc, logs=True)
    model(stack, vpc=vpc, allow_all_outbound=False).connections.allow_to(endpoints, ec2.Port.HTTPS)

    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupEgress",
        {"DestinationSecurityGroupId": stack.resolve(endpoints.security_group.security_group_id), "FromPort": 443},
    )


def test_security_groups_can_be_given(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345")
    model(stack, vpc=vpc, security_groups=[group])

    assert only(stack, "AWS::SageMaker::Model")["VpcConfig"]["SecurityGroupIds"] == ["sg-12345"]
    Template.from_stack(stack).resource_count_is("AWS::EC2::SecurityGroup", 0)


def test_connections_are_managed_like_those_of_any_construct(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    database = ec2.SecurityGroup(stack, "Database", vpc=vpc)
    made = model(stack, vpc=vpc, allow_all_outbound=False)
    made.connections.allow_to(database, ec2.Port.tcp(5432), "Features")
    database.connections.allow_from(made, ec2.Port.tcp(5433))

    ingress = Template.from_stack(stack).find_resources("AWS::EC2::SecurityGroupIngress").values()
    assert sorted(rule["Properties"]["FromPort"] for rule in ingress) == [5432, 5433]


def test_the_role_may_make_interfaces_before_the_model_is_made(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    model(stack, vpc=vpc)

    assert statement(stack, "ec2:CreateNetworkInterface")["Action"] == [
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    ]
    Template.from_stack(stack).has_resource(
        "AWS::SageMaker::Model",
        {"DependsOn": Match.array_with([Match.string_like_regexp("ModelNetworkPolicy")])},
    )


def test_a_model_without_a_vpc_keeps_its_logical_id(stack: cdk.Stack) -> None:
    small_model(stack)

    assert logical_id(stack, "AWS::SageMaker::Model") == "Model0301700E9b16ca68"


@pytest.mark.parametrize("kind", [ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED])
def test_another_network_is_another_model(stack: cdk.Stack, vpc: ec2.Vpc, kind: ec2.SubnetType) -> None:
    model(stack, vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=kind))

    expected = {"PRIVATE_WITH_EGRESS": "Model0301700Eac291edc", "PRIVATE_ISOLATED": "Model0301700E057de2c5"}
    assert logical_id(stack, "AWS::SageMaker::Model") == expected[kind.value]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"allow_all_outbound": False}, "allow_all_outbound must not be given without vpc"),
        ({"security_groups": []}, "security_groups must not be given without vpc"),
        ({"vpc_subnets": ec2.SubnetSelection()}, "vpc_subnets must not be given without vpc"),
    ],
)
def test_fails_for_a_part_of_a_network(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        model(stack, **arguments)


def test_fails_for_security_groups_that_are_none(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    with pytest.raises(ValidationError, match="security_groups must be 1 to 5 groups, got 0"):
        model(stack, vpc=vpc, security_groups=[])


def test_fails_for_rules_beside_groups_that_have_their_own(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345")

    with pytest.raises(ValidationError, match="allow_all_outbound must not be given together with security_groups"):
        model(stack, vpc=vpc, security_groups=[group], allow_all_outbound=True)


def test_fails_for_a_vpc_without_private_subnets_unless_subnets_are_chosen(stack: cdk.Stack) -> None:
    public = ec2.Vpc(
        stack,
        "Public",
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC)],
    )

    with pytest.raises(ValidationError, match="vpc must have private subnets, got a VPC with public ones alone"):
        model(stack, vpc=public)


def test_fails_to_connect_a_model_without_a_vpc(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="vpc must be given to manage connections, got none"):
        _ = model(stack).connections


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"network_isolation": True}, "network_isolation must not be given for a serverless variant"),
        ({"containers": containers(None, None)}, "a second container must not be given for a serverless variant"),
    ],
)
def test_fails_for_a_serverless_variant_of_what_it_excludes(
    stack: cdk.Stack, arguments: dict[str, Any], problem: str
) -> None:
    made = Model(stack, "Model", **{"containers": containers(None), **arguments})

    with pytest.raises(ValidationError, match=problem):
        serverless(stack, made)


def test_fails_for_a_serverless_variant_in_a_vpc(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    with pytest.raises(ValidationError, match="vpc must not be given for a serverless variant, which excludes it"):
        serverless(stack, model(stack, vpc=vpc))


def serverless(stack: cdk.Stack, made: Model) -> None:
    EndpointConfig(
        stack,
        "Config",
        serverless_production_variant=ServerlessProductionVariantProps(
            max_concurrency=1, memory_size_in_mb=1024, model=made, variant_name="main"
        ),
    )


def test_containers_that_are_invoked_directly_have_a_name(stack: cdk.Stack) -> None:
    Model(
        stack,
        "Model",
        containers=containers("iris", "wine"),
        inference_execution_mode=InferenceExecutionMode.DIRECT,
    )

    found = only(stack, "AWS::SageMaker::Model")
    assert found["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert [container["ContainerHostname"] for container in found["Containers"]] == ["iris", "wine"]
    assert check_template(Template.from_stack(stack).to_json()) == []


def direct_endpoint(stack: cdk.Stack) -> Endpoint:
    made = Model(
        stack,
        "Model",
        containers=containers("iris", "wine"),
        inference_execution_mode=InferenceExecutionMode.DIRECT,
    )
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(model=made, variant_name="main")
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def test_a_container_is_measured_by_its_name(stack: cdk.Stack) -> None:
    iris = direct_endpoint(stack).find_instance_production_variant("main").find_container("iris")

    latency, cpu = iris.metric_container_latency(), iris.metric_cpu_utilization()
    assert (latency.namespace, latency.metric_name, latency.statistic) == (
        "AWS/SageMaker",
        "ContainerLatency",
        "Average",
    )
    assert cpu.namespace == "/aws/sagemaker/Endpoints"
    assert latency.dimensions is not None
    assert {name: latency.dimensions[name] for name in ("ContainerName", "VariantName")} == {
        "ContainerName": "iris",
        "VariantName": "main",
    }


def test_a_caller_can_be_held_to_some_containers(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    direct_endpoint(stack).grant_invoke_containers(role, "iris")

    found = statement(stack, "sagemaker:InvokeEndpoint")
    assert found["Condition"] == {"StringEquals": {"sagemaker:TargetModel": ["iris"]}}


def test_fails_to_hold_a_caller_to_no_container(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())

    with pytest.raises(ValidationError, match="container_hostnames must be at least 1 names, got 0"):
        direct_endpoint(stack).grant_invoke_containers(role)


def test_fails_for_a_container_that_cannot_be_named(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="container_hostname must be given for each container"):
        Model(
            stack,
            "Model",
            containers=containers("iris", None),
            inference_execution_mode=InferenceExecutionMode.DIRECT,
        )


def test_fails_for_two_containers_of_one_name(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="container_hostname must be unique in the model, got 'iris' twice"):
        Model(stack, "Model", containers=containers("iris", "iris"))


def test_fails_at_synthesis_for_a_mode_of_one_container(stack: cdk.Stack) -> None:
    model(stack, inference_execution_mode=InferenceExecutionMode.SERIAL)

    with pytest.raises(Exception, match="containers must be 2 to 15 containers with inference_execution_mode, got 1"):
        cdk.App.of(stack).synth()  # type: ignore[union-attr]
