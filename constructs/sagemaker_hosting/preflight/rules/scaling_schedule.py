import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._scaling import is_sagemaker
from sagemaker_hosting.preflight._template import SCALABLE_TARGET
from sagemaker_hosting.preflight._value import Flaw

_FORMS = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\([1-9]\d{0,8} (minute|hour|day)s?\)|cron\(\S+( \S+){5}\)"
)


def _check(target: Resource) -> Iterator[Flaw]:
    for action in target["ScheduledActions"].items if is_sagemaker(target) else ():
        schedule = action["Schedule"].text
        if schedule is not None and not _FORMS.fullmatch(" ".join(schedule[:256].split())):
            yield action["Schedule"].must(
                "be at(...), rate(...) or cron(...) with six fields", fix="Correct the schedule"
            )


RULE = Rule(
    id="scaling-schedule",
    severity=Severity.ERROR,
    types=(SCALABLE_TARGET,),
    title="A scheduled action has a valid schedule",
    reason=(
        "A schedule is at(yyyy-mm-ddThh:mm:ss), rate(value unit), or cron with six fields. Application Auto "
        "Scaling refuses the five fields of Unix cron."
    ),
    fix="Write one of the three forms.",
    sources=("https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html",),
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
      ScheduledActions:
        - ScheduledActionName: morning
          Schedule: 0 8 * * *
          ScalableTargetAction: { MinCapacity: 2 }
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
      ScheduledActions:
        - ScheduledActionName: morning
          Schedule: cron(0 8 * * ? *)
          ScalableTargetAction: { MinCapacity: 2 }
""",
    check=_check,
)
