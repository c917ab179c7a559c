from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import INSTANCES, PROVISIONED_CONCURRENCY, scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.variant is None:
        return
    if found.dimension == INSTANCES and found.variant["ServerlessConfig"].given:
        yield target["ScalableDimension"].flaw(
            "counts instances of a serverless variant", fix=f"Use {PROVISIONED_CONCURRENCY}"
        )
    if found.dimension == PROVISIONED_CONCURRENCY and found.variant["InstanceType"].given:
        yield target["ScalableDimension"].flaw(
            "is of serverless variants, but this one has instances", fix=f"Use {INSTANCES}"
        )


RULE = Rule(
    id="scaling-variant-kind",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="Instances scale by count, serverless variants by concurrency",
    reason=(
        "A serverless variant has no instances to count, and a variant on instances has no provisioned concurrency."
    ),
    fix="Use the dimension of the variant's kind.",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 10, ProvisionedConcurrency: 1 }
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
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 10, ProvisionedConcurrency: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredProvisionedConcurrency
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
""",
    check=_check,
)
