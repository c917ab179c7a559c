from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import COPIES, INSTANCES, PROVISIONED_CONCURRENCY, is_sagemaker
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    dimension, name = target["ScalableDimension"], target["ResourceId"].sub or ""
    if not is_sagemaker(target) or dimension.text is None:
        return
    allowed: tuple[str, ...] = (INSTANCES, PROVISIONED_CONCURRENCY, COPIES)
    if name.startswith("endpoint/"):
        allowed = (INSTANCES, PROVISIONED_CONCURRENCY)
    elif name.startswith("inference-component/"):
        allowed = (COPIES,)
    if dimension.text not in allowed:
        yield dimension.must(f"be {' or '.join(allowed)}", fix=f"Use {allowed[0]}")


RULE = Rule(
    id="scaling-dimension",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A scalable dimension belongs to what is scaled",
    reason=(
        "Variants scale by instance count or provisioned concurrency, inference components by copy count, and "
        "the namespace is the first part of the dimension."
    ),
    fix="Use the dimension of the resource that ResourceId names.",
    sources=("https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",),
    bad="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: inference-component/iris
      MinCapacity: 1
      MaxCapacity: 4
""",
    good="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ResourceId: inference-component/iris
      MinCapacity: 1
      MaxCapacity: 4
""",
    check=_check,
)
