from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    cap = config["CrossRegionTrafficConfig"]
    if cap.given and (config["AsyncInferenceConfig"].given or any(serverless_variants(config))):
        yield cap.flaw("is given for an endpoint that is not real-time on instances", fix="Remove it")


RULE = Rule(
    id="async-cross-region-cap",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A cross-Region cap belongs to a real-time endpoint on instances",
    reason="The API does not accept CrossRegionTrafficConfig with serverless variants or with AsyncInferenceConfig.",
    fix="Remove CrossRegionTrafficConfig.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
      CrossRegionTrafficConfig:
        MaxInvocationsPerSecondPerInstance: 10
        MaxCrossRegionPercentPerEndpoint: 20
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      CrossRegionTrafficConfig:
        MaxInvocationsPerSecondPerInstance: 10
        MaxCrossRegionPercentPerEndpoint: 20
""",
    check=_check,
)
