from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import is_sagemaker
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw


def _check(target: Resource) -> Iterator[Flaw]:
    actions = (action["ScalableTargetAction"] for action in target["ScheduledActions"].items)
    for bounds in (target.properties, *actions) if is_sagemaker(target) else ():
        low, high = bounds["MinCapacity"].number, bounds["MaxCapacity"].number
        if low is not None and high is not None and low > high:
            yield bounds["MinCapacity"].must(f"be at most MaxCapacity ({high:g})", fix="Swap or change them")


RULE = Rule(
    id="scaling-bounds",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A minimum capacity is at most the maximum",
    reason=(
        "Application Auto Scaling refuses a minimum above the maximum, in the target and in each of its "
        "scheduled actions."
    ),
    fix="Swap or change the two.",
    sources=("https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html",),
    bad="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 4
      MaxCapacity: 2
""",
    good="""
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      ResourceId: endpoint/iris/variant/AllTraffic
      MinCapacity: 2
      MaxCapacity: 4
""",
    check=_check,
)
