from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._monitoring import KINDS
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import JOB_DEFINITIONS, MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(schedule: Resource) -> Iterator[Flaw]:
    config = schedule["MonitoringScheduleConfig"]
    hourly = " ".join((config["ScheduleConfig"]["ScheduleExpression"].text or "").split()) == "cron(0 * ? * * *)"
    job = config["MonitoringJobDefinitionName"].target(*JOB_DEFINITIONS)
    stopping = (job.properties if job is not None else config["MonitoringJobDefinition"])["StoppingCondition"]
    allowed = 1800 if job is not None and KINDS[job.type] in ("ModelBias", "ModelQuality") else 3600
    runtime = stopping["MaxRuntimeInSeconds"]
    if hourly and runtime.number is not None and runtime.number > allowed:
        yield runtime.must(f"be at most {allowed} for an hourly schedule", fix="Lower it or run the job less often")


RULE = Rule(
    id="monitoring-runtime",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE,),
    title="A monitoring job ends before it starts again",
    reason=(
        "The run time cannot exceed the schedule's period. For an hourly schedule, data quality and "
        "explainability jobs may run 3600 seconds, bias and model quality jobs 1800."
    ),
    fix="Lower MaxRuntimeInSeconds, or run the job less often.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html",),
    bad="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
        MonitoringJobDefinition:
          MonitoringAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
          MonitoringInputs: [{ EndpointInput: { EndpointName: iris, LocalPath: /opt/ml/processing/input } }]
          MonitoringOutputConfig:
            MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
          MonitoringResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
          RoleArn: arn:aws:iam::111122223333:role/monitoring
          StoppingCondition: { MaxRuntimeInSeconds: 7200 }
""",
    good="""
Resources:
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
        MonitoringJobDefinition:
          MonitoringAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
          MonitoringInputs: [{ EndpointInput: { EndpointName: iris, LocalPath: /opt/ml/processing/input } }]
          MonitoringOutputConfig:
            MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
          MonitoringResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
          RoleArn: arn:aws:iam::111122223333:role/monitoring
          StoppingCondition: { MaxRuntimeInSeconds: 3600 }
""",
    check=_check,
)
