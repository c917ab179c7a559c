from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        pools = variant["InstancePools"].items
        if pools and variant["InstanceType"].given:
            yield variant["InstanceType"].flaw("is given together with InstancePools", fix="Remove one of the two")
        for name in ("InstanceType", "Priority"):
            for value in duplicates(pool[name] for pool in pools):
                yield value.flaw(f"is {value.shown} in two pools of the variant", fix="Change one of them")


RULE = Rule(
    id="variant-instance-pools",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A variant names one instance type or a list of pools",
    reason=(
        "InstancePools lists the instance types of a variant by priority, InstanceType names a single one. Each"
        " pool has an instance type and a priority of its own."
    ),
    fix="Remove InstanceType, and give each pool another type and priority.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InstancePool.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
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
          InstancePools:
            - InstanceType: ml.g6.xlarge
              Priority: 1
            - InstanceType: ml.g5.xlarge
              Priority: 1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InitialInstanceCount: 1
          InstancePools:
            - InstanceType: ml.g6.xlarge
              Priority: 1
            - InstanceType: ml.g5.xlarge
              Priority: 2
""",
    check=_check,
)
