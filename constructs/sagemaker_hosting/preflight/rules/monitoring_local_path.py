from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._monitoring import job_inputs
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import JOB_DEFINITIONS, MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for job_input in job_inputs(resource):
        for name in ("EndpointInput", "BatchTransformInput"):
            path = job_input[name]["LocalPath"]
            if path.text is not None and not path.text.startswith("/opt/ml/processing"):
                yield path.must("be below /opt/ml/processing", fix="Use /opt/ml/processing/input")


RULE = Rule(
    id="monitoring-local-path",
    severity=Severity.WARNING,
    types=(MONITORING_SCHEDULE, *JOB_DEFINITIONS),
    title="A monitoring job reads and writes below /opt/ml/processing",
    reason=(
        "Processing containers exchange data below /opt/ml/processing. At another path the container finds no "
        "input, or its reports are not uploaded."
    ),
    fix="Use a path below /opt/ml/processing.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html",
    ),
    bad="""
Resources:
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput:
        EndpointInput: { EndpointName: iris, LocalPath: /data }
      DataQualityJobOutputConfig:
        MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
      RoleArn: arn:aws:iam::111122223333:role/monitoring
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
""",
    check=_check,
)
