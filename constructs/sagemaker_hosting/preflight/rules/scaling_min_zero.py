from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import INSTANCES, scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.variant is None or found.config is None or found.dimension != INSTANCES:
        return
    real_time = found.config["AsyncInferenceConfig"].missing and found.variant["ModelName"].given
    if real_time and target["MinCapacity"].number == 0:
        yield target["MinCapacity"].must("be 1 or more for a real-time variant that serves a model", fix="Set it to 1")


RULE = Rule(
    id="scaling-min-zero",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A real-time variant keeps at least one instance",
    reason=(
        "Only asynchronous endpoints and endpoints of inference components scale in to zero instances. A "
        "real-time variant that serves a model needs one at all times."
    ),
    fix="Set MinCapacity to 1 or more, make the endpoint asynchronous, or use inference components.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html",
    ),
    bad="""
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
      MinCapacity: 0
      MaxCapacity: 4
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
      AsyncInferenceConfig:
        OutputConfig: { S3OutputPath: s3://answers/iris }
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
      MinCapacity: 0
      MaxCapacity: 4
""",
    check=_check,
)
