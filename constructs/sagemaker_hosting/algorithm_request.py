"""Creates an algorithm by a call of the API, for what CloudFormation has no property."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources

from sagemaker_hosting.acknowledgement import acknowledge, acknowledge_wildcard
from sagemaker_hosting.permission import passing
from sagemaker_hosting.replacement import name_by_content
from sagemaker_hosting.resource_arn import ResourceArn

if TYPE_CHECKING:
    from constructs import Construct

_LONGEST_NAME = 63
# The one function of a stack that makes such calls: aws-cdk-lib/custom-resources/lib/aws-custom-resource.
_FUNCTION = "679f53fac002430cb0da5b7982bd2287"


def create_algorithm(
    scope: Construct,
    *,
    algorithm_name: str | None,
    policy: iam.Policy,
    removal_policy: cdk.RemovalPolicy,
    request: dict[str, Any],
    role: iam.IRole,
) -> tuple[str, str]:
    """Create an algorithm when the stack is deployed.

    Args:
        scope: Parent.
        algorithm_name: Physical name. Without it, one is made that follows the request.
        policy: Of the role, to be there first.
        removal_policy: Whether the algorithm is deleted when it leaves the stack or is replaced.
        request: That of ``CreateAlgorithm``, without the name.
        role: Role that SageMaker validates the algorithm with.

    Returns:
        Name and ARN.
    """
    name = name_by_content(scope, request, longest=_LONGEST_NAME) if algorithm_name is None else algorithm_name
    # The name is not known before synthesis; all names that this construct can make begin alike.
    stem = cdk.Names.unique_resource_name(scope, max_length=_LONGEST_NAME - 9, separator="-")
    arn = (
        cdk.Stack.of(scope).format_arn(service="sagemaker", resource="algorithm", resource_name=f"{stem}-*".lower())
        if algorithm_name is None
        else ResourceArn.from_name(scope, "algorithm", algorithm_name).arn
    )
    create = custom_resources.AwsSdkCall(
        service="SageMaker",
        action="createAlgorithm",
        parameters={**request, "AlgorithmName": name},
        physical_resource_id=custom_resources.PhysicalResourceId.of(name),
        output_paths=["AlgorithmArn"],
    )
    delete = custom_resources.AwsSdkCall(
        service="SageMaker",
        action="deleteAlgorithm",
        parameters={"AlgorithmName": custom_resources.PhysicalResourceIdReference()},
    )
    deletes = removal_policy is cdk.RemovalPolicy.DESTROY
    made = custom_resources.AwsCustomResource(
        scope,
        "Resource",
        install_latest_aws_sdk=False,
        on_create=create,
        on_update=create,
        on_delete=delete if deletes else None,
        policy=custom_resources.AwsCustomResourcePolicy.from_statements(
            [
                iam.PolicyStatement(
                    actions=["sagemaker:CreateAlgorithm", *(["sagemaker:DeleteAlgorithm"] if deletes else [])],
                    resources=[arn],
                ),
                passing(role).to_statement(),
            ]
        ),
        removal_policy=removal_policy,
        resource_type="Custom::SageMakerAlgorithm",
    )
    made.node.add_dependency(policy, role)
    if algorithm_name is None:
        acknowledge_wildcard(made, arn, "The name ends in a digest of the content, so that every update has its own.")
    function = cdk.Stack.of(scope).node.find_child(f"AWS{_FUNCTION}")
    acknowledge(
        function,
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
        "CDK's own function for calls of the API; the managed policy lets it write its log and nothing else.",
    )
    acknowledge(function, "AwsSolutions-L1", "CDK chooses the runtime of its own function.")
    return name, made.get_response_field("AlgorithmArn")
