from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        serverless = variant["ServerlessConfig"]
        warm, most = serverless["ProvisionedConcurrency"].integer, serverless["MaxConcurrency"].integer
        if warm is not None and most is not None and warm > most:
            yield serverless["ProvisionedConcurrency"].must(f"be at most MaxConcurrency ({most})", fix="Lower it")


RULE = Rule(
    id="serverless-provisioned-concurrency",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Provisioned concurrency is at most the maximum concurrency",
    reason="Provisioned concurrency keeps a part of the maximum concurrency warm, so it cannot be larger.",
    fix="Lower ProvisionedConcurrency or raise MaxConcurrency.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig:
            MemorySizeInMB: 2048
            MaxConcurrency: 5
            ProvisionedConcurrency: 10
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig:
            MemorySizeInMB: 2048
            MaxConcurrency: 10
            ProvisionedConcurrency: 5
""",
    check=_check,
)
