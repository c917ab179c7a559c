from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, containers, instance_types, model_of
from sagemaker_hosting.preflight._instances import family
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw, Value


def _check(config: Resource) -> Iterator[Flaw]:
    shadows = config["ShadowProductionVariants"]
    if not shadows.items:
        return
    reasons = ["asynchronous inference"] if config["AsyncInferenceConfig"].given else []
    for variant in all_variants(config):
        reasons += _excluding(variant)
    if reasons:
        yield shadows.flaw(f"cannot be combined with {reasons[0]}", fix="Remove one of the two")


def _excluding(variant: Value) -> Iterator[str]:
    if variant["ServerlessConfig"].given:
        yield "serverless inference"
    if any(family(value.text or "") == "inf1" for value in instance_types(variant)):
        yield "Inf1 instances"
    model = model_of(variant)
    if model is not None and len(model["Containers"].items) > 1:
        yield "a model of several containers"
    if model is not None and any(one["Mode"].text == "MultiModel" for one in containers(model)):
        yield "a multi-model container"


RULE = Rule(
    id="shadow-variant-exclusions",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A shadow test uses features that shadow tests support",
    reason=(
        "Serverless and asynchronous endpoints, endpoints of several containers or of multi-model containers, "
        "and Inf1 instances cannot have shadow variants; the request is refused."
    ),
    fix="Remove ShadowProductionVariants, or the feature that excludes them.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      ShadowProductionVariants:
        - VariantName: Shadow
          ModelName: iris-2
          InstanceType: ml.inf1.xlarge
          InitialInstanceCount: 1
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: Champion
          ModelName: iris-1
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      ShadowProductionVariants:
        - VariantName: Shadow
          ModelName: iris-2
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)
