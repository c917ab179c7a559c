from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(schedule: Resource) -> Iterator[Flaw]:
    config = schedule["MonitoringScheduleConfig"]
    named, inline = config["MonitoringJobDefinitionName"], config["MonitoringJobDefinition"]
    if named.given and inline.given:
        yield inline.flaw("is given together with MonitoringJobDefinitionName", fix="Remove one of the two")
    if config.literal and named.missing and inline.missing:
        yield named.flaw("is missing, and so is MonitoringJobDefinition", fix="Add one of the two")
    if named.given and config["MonitoringType"].missing:
        yield config["MonitoringType"].flaw("is required with MonitoringJobDefinitionName", fix="Add the job's type")


RULE = Rule(
    id="monitoring-job-choice",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE,),
    title="A monitoring schedule has one job",
    reason=(
        "A schedule runs a job definition that it names, or one that it defines itself. It needs exactly one of"
        " them, and with a name also the type of the job."
    ),
    fix="Give MonitoringJobDefinitionName with MonitoringType, or MonitoringJobDefinition.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringScheduleConfig.html",),
    bad="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
""",
    good="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
        MonitoringJobDefinitionName: iris-data
        MonitoringType: DataQuality
""",
    check=_check,
)
