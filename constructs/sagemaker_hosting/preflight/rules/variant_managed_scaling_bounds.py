from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        scaling = variant["ManagedInstanceScaling"]
        low, high = scaling["MinInstanceCount"].integer, scaling["MaxInstanceCount"].integer
        first = variant["InitialInstanceCount"].integer
        if low is not None and high is not None and low > high:
            yield scaling["MinInstanceCount"].must(f"be at most MaxInstanceCount ({high})", fix="Swap or change them")
        elif first is not None and high is not None and first > high:
            yield variant["InitialInstanceCount"].must(
                f"be at most MaxInstanceCount ({high})", fix="Start with fewer instances or raise the maximum"
            )


RULE = Rule(
    id="variant-managed-scaling-bounds",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Managed instance scaling has a minimum up to its maximum",
    reason=(
        "The endpoint keeps the number of instances between the two counts and starts with "
        "InitialInstanceCount, so these must be in order."
    ),
    fix="Choose counts so that minimum, initial count and maximum are in order.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantManagedInstanceScaling.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          ManagedInstanceScaling:
            Status: ENABLED
            MinInstanceCount: 4
            MaxInstanceCount: 2
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          ManagedInstanceScaling:
            Status: ENABLED
            MinInstanceCount: 1
            MaxInstanceCount: 2
""",
    check=_check,
)
