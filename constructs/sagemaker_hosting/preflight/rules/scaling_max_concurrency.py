from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import PROVISIONED_CONCURRENCY, scaled
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    found = scaled(target)
    if found is None or found.variant is None or found.dimension != PROVISIONED_CONCURRENCY:
        return
    most, high = found.variant["ServerlessConfig"]["MaxConcurrency"].number, target["MaxCapacity"].number
    if most is not None and high is not None and high > most:
        yield target["MaxCapacity"].must(f"be at most the variant's MaxConcurrency ({most:g})", fix="Lower it")


RULE = Rule(
    id="scaling-max-concurrency",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="Provisioned concurrency scales up to the maximum concurrency",
    reason=(
        "The provisioned concurrency of a serverless variant cannot exceed its MaxConcurrency, so scaling "
        "beyond it fails."
    ),
    fix="Lower MaxCapacity or raise MaxConcurrency.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html",
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
      ScalableDimension: sagemaker:variant:DesiredProvisionedConcurrency
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 20
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
      MaxCapacity: 10
""",
    check=_check,
)
