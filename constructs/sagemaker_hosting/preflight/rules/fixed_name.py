from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG, JOB_DEFINITIONS, MODEL, NAMES
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    name = resource[NAMES[resource.type]]
    if name.text is not None:
        yield name.flaw(f"is fixed to {name.shown}, so the next change of this resource fails", fix="Remove the name")


RULE = Rule(
    id="fixed-name",
    severity=Severity.WARNING,
    types=(MODEL, ENDPOINT_CONFIG, *JOB_DEFINITIONS),
    title="A resource that every change replaces has no fixed name",
    reason=(
        "Nearly every property of this resource type is immutable, so a change replaces the resource. "
        "CloudFormation creates the new one before it deletes the old one, and stops because the name is taken."
    ),
    fix="Remove the name, so that CloudFormation generates one; refer to it with Fn::GetAtt.",
    sources=(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: iris
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
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
