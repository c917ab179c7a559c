from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import is_sagemaker, registered
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    key = (target["ResourceId"].sub, target["ScalableDimension"].text)
    if not is_sagemaker(target) or target.conditional or None in key or "${?}" in (key[0] or ""):
        return
    first = registered(target.template).get(key, target)
    if first is not target:
        yield target["ResourceId"].flaw(f"is registered by {first.logical_id} as well", fix="Merge the two")


RULE = Rule(
    id="scaling-target-duplicate",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A variant is registered once",
    reason=(
        "A resource and dimension can be registered as one scalable target. A second resource for the same "
        "target fails because it exists."
    ),
    fix="Merge the two targets.",
    sources=("https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",),
    bad="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
  Other:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 8
""",
    good="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 1
      MaxCapacity: 4
  Other:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/Challenger
      MinCapacity: 1
      MaxCapacity: 8
""",
    check=_check,
)
