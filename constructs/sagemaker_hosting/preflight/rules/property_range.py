from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        number = place.value.number
        low, high = place.shape.get("min"), place.shape.get("max")
        if place.kind not in ("integer", "number") or number is None:
            continue
        if (low is not None and number < low) or (high is not None and number > high):
            below = low is not None and number < low
            yield place.value.must(_range(low, high), fix=f"Use {low} or more" if below else f"Use {high} or less")


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"be {low} or more"
    return f"be {high} or less" if low is None else f"be from {low} to {high}"


RULE = Rule(
    id="property-range",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A number lies in the range of its property",
    reason="The service refuses numbers outside the range that its API states.",
    fix="Use a number in the range that the message states.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html",
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
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
          ContainerStartupHealthCheckTimeoutInSeconds: 7200
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
          ContainerStartupHealthCheckTimeoutInSeconds: 3600
""",
    check=_check,
)
