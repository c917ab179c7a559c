from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw

_OF_INSTANCES = (
    "InitialInstanceCount",
    "InstancePools",
    "VolumeSizeInGB",
    "ManagedInstanceScaling",
    "RoutingConfig",
    "InferenceAmiVersion",
    "CapacityReservationConfig",
)


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in serverless_variants(config):
        for name in _OF_INSTANCES:
            if variant[name].given and variant["InstanceType"].missing:
                yield variant[name].flaw("is given for a serverless variant", fix="Remove it")


RULE = Rule(
    id="serverless-instance-settings",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A serverless variant has no settings of instances",
    reason=(
        "A serverless variant has no instances. Their number, volume, scaling, routing, machine image and "
        "reservations cannot be set for it."
    ),
    fix="Remove the setting, or use instances.",
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
          InitialInstanceCount: 1
          ServerlessConfig:
            MemorySizeInMB: 2048
            MaxConcurrency: 5
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
            MaxConcurrency: 5
""",
    check=_check,
)
