import difflib
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._instances import is_new, known
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        use, text = place.shape.get("instance"), place.value.text
        if use is None or text is None or text in known(use) or is_new(text):
            continue
        prefixed = [one for one in (f"ml.{text}",) if one in known(use)]
        near = prefixed or difflib.get_close_matches(text[:50], sorted(known(use)), n=1, cutoff=0.7)
        yield place.value.flaw(
            f"is {place.value.shown}, which SageMaker does not offer for {use}",
            fix=f"Use {near[0]}" if near else f"Use an instance type that SageMaker offers for {use}",
        )


RULE = Rule(
    id="instance-type-exists",
    severity=Severity.ERROR,
    types=checked_types(),
    title="An instance type exists for the use it is put to",
    reason=(
        "SageMaker offers different instance types for hosting, batch transform, training and processing, and "
        "refuses any other name. The ml. prefix is part of the name. Families that the service model does not "
        "know yet are left to instance-type-known."
    ),
    fix="Use an instance type that SageMaker offers for this use.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformResources.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: m5.large
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
