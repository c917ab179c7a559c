import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw

_HOUR = r"([01]?\d|2[0-4])"
_FORMS = re.compile(rf"NOW|cron\(0 (\*|{_HOUR}(/{_HOUR})?) \? \* \* \*\)")


def _check(schedule: Resource) -> Iterator[Flaw]:
    expression = schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]
    text = expression.text
    if text is not None and not _FORMS.fullmatch(" ".join(text[:256].split())):
        yield expression.must(
            "be cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) or NOW", fix="Write one of these forms"
        )


RULE = Rule(
    id="monitoring-schedule-expression",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE,),
    title="A monitoring schedule is hourly, every few hours, daily, or now",
    reason=(
        "Monitoring accepts cron(0 * ? * * *), cron(0 H ? * * *), cron(0 H/N ? * * *) and NOW. It starts at the"
        " full hour and knows no days or months."
    ),
    fix="Write one of these forms.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ScheduleConfig.html",),
    bad="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(30 8 ? * MON *)" }
        MonitoringJobDefinitionName: iris-data
        MonitoringType: DataQuality
""",
    good="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 8 ? * * *)" }
        MonitoringJobDefinitionName: iris-data
        MonitoringType: DataQuality
""",
    check=_check,
)
