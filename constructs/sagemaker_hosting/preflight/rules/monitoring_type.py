from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._monitoring import KINDS
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import JOB_DEFINITIONS, MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(schedule: Resource) -> Iterator[Flaw]:
    config = schedule["MonitoringScheduleConfig"]
    job = config["MonitoringJobDefinitionName"].target(*JOB_DEFINITIONS)
    kind = config["MonitoringType"]
    if job is not None and kind.text is not None and kind.text != KINDS[job.type]:
        yield kind.must(f"be {KINDS[job.type]}, the type of {job.logical_id}", fix=f"Use {KINDS[job.type]}")


RULE = Rule(
    id="monitoring-type",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE,),
    title="A monitoring schedule has the type of its job",
    reason="The type tells SageMaker in which of four kinds of job definitions to look for the name.",
    fix="Use the type of the job definition.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringScheduleConfig.html",),
    bad="""
Resources:
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput:
        EndpointInput: { EndpointName: iris, LocalPath: /opt/ml/processing/input }
      DataQualityJobOutputConfig:
        MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
      RoleArn: arn:aws:iam::111122223333:role/monitoring
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
        MonitoringJobDefinitionName: !GetAtt Job.JobDefinitionName
        MonitoringType: ModelQuality
""",
    good="""
Resources:
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput:
        EndpointInput: { EndpointName: iris, LocalPath: /opt/ml/processing/input }
      DataQualityJobOutputConfig:
        MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
      RoleArn: arn:aws:iam::111122223333:role/monitoring
  Schedule:
    Type: AWS::SageMaker::MonitoringSchedule
    Properties:
      MonitoringScheduleName: iris
      MonitoringScheduleConfig:
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" }
        MonitoringJobDefinitionName: !GetAtt Job.JobDefinitionName
        MonitoringType: DataQuality
""",
    check=_check,
)
