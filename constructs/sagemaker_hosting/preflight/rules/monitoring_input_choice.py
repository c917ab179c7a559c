from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._monitoring import job_inputs
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import JOB_DEFINITIONS, MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for job_input in job_inputs(resource):
        endpoint, batch = job_input["EndpointInput"], job_input["BatchTransformInput"]
        if endpoint.given and batch.given:
            yield batch.flaw("is given together with EndpointInput", fix="Remove one of the two")
        if job_input.literal and endpoint.missing and batch.missing:
            yield endpoint.flaw("is missing, and so is BatchTransformInput", fix="Add one of the two")


RULE = Rule(
    id="monitoring-input-choice",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE, *JOB_DEFINITIONS),
    title="A monitoring job reads an endpoint or a transform job",
    reason=(
        "The data comes either from what an endpoint captured or from what a batch transform job captured. A "
        "job needs exactly one of the two."
    ),
    fix="Keep EndpointInput or BatchTransformInput.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringInput.html",),
    bad="""
Resources:
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput: {}
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
