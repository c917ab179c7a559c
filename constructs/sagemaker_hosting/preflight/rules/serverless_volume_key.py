from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    variants = all_variants(config)
    if variants and config["KmsKeyId"].given and all(one["ServerlessConfig"].given for one in variants):
        yield config["KmsKeyId"].flaw("encrypts nothing of a serverless endpoint", fix="Remove it")


RULE = Rule(
    id="serverless-volume-key",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A serverless endpoint has no volume key",
    reason=(
        "KmsKeyId encrypts the volume that is attached to an instance. A serverless endpoint has no instance of"
        " its own and no such volume."
    ),
    fix="Remove KmsKeyId.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      KmsKeyId: alias/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    check=_check,
)
