from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    specification = component["Specification"]
    needs, base = specification["ComputeResourceRequirements"], specification["BaseInferenceComponentName"]
    if specification.literal and needs.missing and base.missing:
        yield needs.flaw("is missing", fix="Add it with at least MinMemoryRequiredInMb")
    if needs.given and base.given:
        yield needs.flaw("is given for an adapter, which uses those of its base component", fix="Remove it")


RULE = Rule(
    id="component-resources-missing",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="An inference component says what it needs",
    reason=(
        "SageMaker places copies of a component by the memory, processors and accelerators that it asks for. "
        "Only an adapter, which uses those of its base component, asks for none."
    ),
    fix="Add ComputeResourceRequirements with at least MinMemoryRequiredInMb.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentSpecification.html",),
    bad="""
Resources:
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: iris
      VariantName: AllTraffic
      Specification:
        ModelName: iris
      RuntimeConfig: { CopyCount: 1 }
""",
    good="""
Resources:
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: iris
      VariantName: AllTraffic
      Specification:
        ModelName: iris
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 }
      RuntimeConfig: { CopyCount: 1 }
""",
    check=_check,
)
