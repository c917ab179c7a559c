from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, ENDPOINT_CONFIG, INFERENCE_COMPONENT, MODEL, NAMES
from sagemaker_hosting.preflight._value import Flaw, Value


def _check(resource: Resource) -> Iterator[Flaw]:
    for value, kind in _references(resource):
        target = value.target(kind)
        reference = value.reference
        if target is not None and reference is not None and (reference.attribute or "Arn").endswith("Arn"):
            yield value.flaw(
                f"gets the ARN of {target.logical_id}, not its name",
                fix=f"Use Fn::GetAtt {target.logical_id}.{NAMES[kind]}",
            )


def _references(resource: Resource) -> Iterator[tuple[Value, str]]:
    if resource.type == ENDPOINT:
        yield resource["EndpointConfigName"], ENDPOINT_CONFIG
    if resource.type == INFERENCE_COMPONENT:
        yield resource["EndpointName"], ENDPOINT
        yield resource["Specification"]["ModelName"], MODEL
    for variant in all_variants(resource):
        yield variant["ModelName"], MODEL


RULE = Rule(
    id="reference-attribute",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG, ENDPOINT, INFERENCE_COMPONENT),
    title="A name is referred to as a name, not as an ARN",
    reason=(
        "Ref of a SageMaker resource returns its ARN. A property that wants a name refuses an ARN, because of "
        "its colons and slashes."
    ),
    fix="Use Fn::GetAtt with the name attribute, such as Model.ModelName.",
    sources=(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-model.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-endpointconfig.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-endpoint.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !Ref Config
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
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
""",
    check=_check,
)
