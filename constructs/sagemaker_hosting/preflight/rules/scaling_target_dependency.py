from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.endpoint is None or found.target is not target:
        return
    if found.endpoint.logical_id not in target.depends_on:
        yield target["ResourceId"].flaw(
            f"names {found.endpoint.logical_id} without waiting for it",
            fix=f"Add DependsOn: {found.endpoint.logical_id}",
        )


RULE = Rule(
    id="scaling-target-dependency",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A scalable target waits for its endpoint",
    reason=(
        "A target can only be registered when the endpoint is in service. With a literal endpoint name, "
        "CloudFormation registers it while the endpoint is still being created."
    ),
    fix="Take the name from the endpoint with Fn::GetAtt, or add DependsOn.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html",
    ),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    DependsOn: Endpoint
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    check=_check,
)
