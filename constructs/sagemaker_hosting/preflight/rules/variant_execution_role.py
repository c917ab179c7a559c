from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    variants = config["ProductionVariants"]
    without = [one for one in variants.items if one["ModelName"].missing and one["InstanceType"].given]
    if variants.complete and without and len(without) == len(variants.items) and config["ExecutionRoleArn"].missing:
        yield config["ExecutionRoleArn"].flaw(
            "is missing, and no variant names a model", fix="Add it, or ModelName to the variants"
        )


RULE = Rule(
    id="variant-execution-role",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="An endpoint for inference components has an execution role",
    reason=(
        "When no variant names a model, the configuration itself must say which role SageMaker assumes to run "
        "inference components."
    ),
    fix="Add ExecutionRoleArn to the configuration, or ModelName to its variants.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
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
""",
    check=_check,
)
