from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT
from sagemaker_hosting.preflight._value import Flaw


def _check(component: Resource) -> Iterator[Flaw]:
    needs = component["Specification"]["ComputeResourceRequirements"]
    low, high = needs["MinMemoryRequiredInMb"].number, needs["MaxMemoryRequiredInMb"].number
    if low is not None and high is not None and low > high:
        yield needs["MinMemoryRequiredInMb"].must(
            f"be at most MaxMemoryRequiredInMb ({high:g})", fix="Swap or change them"
        )


RULE = Rule(
    id="component-memory-bounds",
    severity=Severity.ERROR,
    types=(INFERENCE_COMPONENT,),
    title="A component's minimum memory is at most its maximum",
    reason="A copy gets at least MinMemoryRequiredInMb and at most MaxMemoryRequiredInMb.",
    fix="Swap or change the two.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html",
    ),
    bad="""
Resources:
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: iris
      VariantName: AllTraffic
      Specification:
        ModelName: iris
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 4096, MaxMemoryRequiredInMb: 1024 }
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
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024, MaxMemoryRequiredInMb: 4096 }
      RuntimeConfig: { CopyCount: 1 }
""",
    check=_check,
)
