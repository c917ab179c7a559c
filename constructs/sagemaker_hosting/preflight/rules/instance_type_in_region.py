from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, instance_types
from sagemaker_hosting.preflight._instances import offered
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    region = config.template.region
    if region is None:
        return
    for variant in all_variants(config):
        for value in instance_types(variant):
            if offered(value.text or "", region) is False:
                yield value.flaw(
                    f"is {value.shown}, which the price list does not have for {region}",
                    fix="Choose another instance type or Region",
                )


RULE = Rule(
    id="instance-type-in-region",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="An instance type is offered in the Region of the stack",
    reason=(
        "Not every Region offers every instance type. The price list that this rule reads is dated, so a type "
        "that AWS added since is a warning, not an error."
    ),
    fix="Choose a type that the Region offers, or another Region.",
    sources=("https://aws.amazon.com/sagemaker/ai/pricing/",),
    bad="""
# deployed to af-south-1
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g6.xlarge
          InitialInstanceCount: 1
""",
    good="""
# deployed to af-south-1
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.g4dn.xlarge
          InitialInstanceCount: 1
""",
    check=_check,
)
