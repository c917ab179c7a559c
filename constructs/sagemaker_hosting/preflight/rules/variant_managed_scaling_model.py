from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        low = variant["ManagedInstanceScaling"]["MinInstanceCount"]
        if low.integer == 0 and variant["ModelName"].given:
            yield low.flaw("is 0 for a variant that names a model", fix="Use an inference component or at least 1")


RULE = Rule(
    id="variant-managed-scaling-model",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Managed instance scaling to zero is for inference components",
    reason=(
        'SageMaker answers "ManagedInstanceScaling is only supported for inference component endpoints". A '
        "variant that names a model cannot release its last instance this way."
    ),
    fix="Deploy the model as an inference component, or use Application Auto Scaling.",
    sources=(
        "https://github.com/hashicorp/terraform-provider-aws/pull/45926",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
          ManagedInstanceScaling:
            Status: ENABLED
            MinInstanceCount: 0
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
            MinInstanceCount: 0
            MaxInstanceCount: 2
""",
    check=_check,
)
