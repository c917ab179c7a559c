from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        routing = variant["RoutingConfig"]
        strategy = routing["RoutingStrategy"].text
        if routing["PrefixAwareRoutingConfig"].given and strategy not in (None, "PREFIX_AWARE"):
            yield routing["PrefixAwareRoutingConfig"].flaw(
                f"is given, but RoutingStrategy is {strategy}", fix="Set it to PREFIX_AWARE or remove this"
            )


RULE = Rule(
    id="variant-routing-prefix",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Prefix-aware settings belong to prefix-aware routing",
    reason="The API accepts PrefixAwareRoutingConfig only when RoutingStrategy is PREFIX_AWARE.",
    fix="Set RoutingStrategy to PREFIX_AWARE, or remove PrefixAwareRoutingConfig.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantRoutingConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: llama
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 2
          RoutingConfig:
            RoutingStrategy: RANDOM
            PrefixAwareRoutingConfig:
              PrefixLength: 2048
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: llama
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 2
          RoutingConfig:
            RoutingStrategy: PREFIX_AWARE
""",
    check=_check,
)
