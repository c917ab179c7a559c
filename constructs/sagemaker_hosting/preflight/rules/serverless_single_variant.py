from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    variants = config["ProductionVariants"]
    if len(variants.items) > 1 and variants.complete and any(serverless_variants(config)):
        yield variants.flaw(f"has {len(variants.items)} variants, one of them serverless", fix="Keep one variant")


RULE = Rule(
    id="serverless-single-variant",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A serverless endpoint has one variant",
    reason="Serverless inference does not support several production variants.",
    fix="Keep one variant, or use instances.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
        - VariantName: Challenger
          ModelName: iris-2
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    check=_check,
)
