from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        allowed = place.shape.get("enum")
        text = place.value.text
        if allowed and place.kind == "string" and text is not None and text not in allowed:
            same = next((one for one in allowed if one.lower() == text.lower()), None)
            yield place.value.must(
                f"be one of {', '.join(allowed)}",
                fix=f"Write {same}" if same else "Use one of these values",
            )


RULE = Rule(
    id="property-enum",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A property with fixed choices has one of them",
    reason=(
        "The service knows a fixed set of values for the property and refuses any other, including another "
        "spelling or case."
    ),
    fix="Use one of the values that the message lists.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",
    ),
    bad="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: AllAtOnce
            WaitIntervalInSeconds: 0
""",
    good="""
Resources:
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
      DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration:
            Type: ALL_AT_ONCE
            WaitIntervalInSeconds: 0
""",
    check=_check,
)
