from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        serverless, on_instances = variant["ServerlessConfig"], variant["InstanceType"]
        pools = variant["InstancePools"]
        if serverless.missing and on_instances.missing and pools.missing and variant.literal:
            yield on_instances.flaw("is missing, and so is ServerlessConfig", fix="Add one of the two")
        if serverless.given and on_instances.given:
            yield on_instances.flaw("is given together with ServerlessConfig", fix="Remove one of the two")


RULE = Rule(
    id="variant-instance-or-serverless",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A variant runs on instances or serverless, and on one of them",
    reason=(
        "A production variant says either which instances to launch or, with ServerlessConfig, how much memory "
        "and concurrency to provide. SageMaker refuses a variant that says neither or both."
    ),
    fix="Give the variant an InstanceType (or InstancePools), or a ServerlessConfig.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-create.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
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
""",
    check=_check,
)
