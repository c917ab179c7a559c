from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    specification = component["Specification"]
    names = ("ModelName", "Container", "BaseInferenceComponentName")
    if specification.literal and all(specification[name].missing for name in names):
        yield specification["ModelName"].flaw("is missing, and so is Container", fix="Add one of the two")


RULE = Rule(
    id="component-model-missing",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="An inference component says what it runs",
    reason=(
        "A component runs a model, a container, or an adapter on top of a base component. A specification "
        "without any has nothing to run."
    ),
    fix="Add ModelName, Container or BaseInferenceComponentName.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentSpecification.html",),
    bad="""
Resources:
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: iris
      VariantName: AllTraffic
      Specification:
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 }
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
