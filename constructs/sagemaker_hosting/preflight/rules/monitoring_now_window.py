from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(schedule: Resource) -> Iterator[Flaw]:
    config = schedule["MonitoringScheduleConfig"]["ScheduleConfig"]
    if config["ScheduleExpression"].text != "NOW":
        return
    for name in ("DataAnalysisStartTime", "DataAnalysisEndTime"):
        if config[name].missing:
            yield config[name].flaw("is required when ScheduleExpression is NOW", fix="Add it, such as -PT1H")


RULE = Rule(
    id="monitoring-now-window",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE,),
    title="A monitoring job that runs now says which data it reads",
    reason=(
        "With the schedule NOW, the API requires DataAnalysisStartTime and DataAnalysisEndTime, as there is no "
        "earlier run to continue from."
    ),
    fix="Add both, such as -PT1H and -PT0H.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ScheduleConfig.html",),
    bad="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: NOW }
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
        ScheduleConfig: { ScheduleExpression: NOW, DataAnalysisStartTime: -PT1H, DataAnalysisEndTime: -PT0H }
        MonitoringJobDefinitionName: iris-data
        MonitoringType: DataQuality
""",
    check=_check,
)
