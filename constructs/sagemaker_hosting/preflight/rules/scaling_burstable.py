from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import instance_types
from sagemaker_hosting.preflight._instances import is_burstable
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import INSTANCES, scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.variant is None or found.dimension != INSTANCES:
        return
    for value in instance_types(found.variant):
        if is_burstable(value.text or ""):
            yield target["ResourceId"].flaw(
                f"names a variant on {value.text}, which cannot be scaled", fix="Use a type that is not burstable"
            )


RULE = Rule(
    id="scaling-burstable",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A burstable instance type is not scaled",
    reason=(
        "SageMaker does not support automatic scaling for burstable instances such as T2, and Application Auto "
        "Scaling refuses to register them."
    ),
    fix="Use another instance type, such as ml.m5.large.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.t2.medium, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    check=_check,
)
