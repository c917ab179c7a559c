from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import config_of
from sagemaker_hosting.preflight._monitoring import job_inputs
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT, JOB_DEFINITIONS, MONITORING_SCHEDULE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for job_input in job_inputs(resource):
        name = job_input["EndpointInput"]["EndpointName"]
        config = config_of(name.target(ENDPOINT))
        if config is None:
            continue
        capture = config["DataCaptureConfig"]
        if capture.missing or capture["EnableCapture"].flag is False:
            yield name.flaw("names an endpoint without data capture", fix="Add DataCaptureConfig to its configuration")


RULE = Rule(
    id="monitoring-data-capture",
    severity=Severity.ERROR,
    types=(MONITORING_SCHEDULE, *JOB_DEFINITIONS),
    title="A monitored endpoint captures data",
    reason=(
        "A monitoring job reads what the endpoint captured. The API asks for an endpoint with data capture "
        "enabled; without it every run fails for want of data. Serverless endpoints cannot capture."
    ),
    fix="Add DataCaptureConfig to the endpoint's configuration.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput:
        EndpointInput: { EndpointName: !GetAtt Endpoint.EndpointName, LocalPath: /opt/ml/processing/input }
      DataQualityJobOutputConfig:
        MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
      RoleArn: arn:aws:iam::111122223333:role/monitoring
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: iris, InstanceType: ml.m5.large, InitialInstanceCount: 1 }
      DataCaptureConfig:
        EnableCapture: true
        InitialSamplingPercentage: 100
        DestinationS3Uri: s3://captures/iris
        CaptureOptions: [{ CaptureMode: Input }]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Job:
    Type: AWS::SageMaker::DataQualityJobDefinition
    Properties:
      DataQualityAppSpecification: { ImageUri: 468650794304.dkr.ecr.eu-west-1.amazonaws.com/monitor:1 }
      DataQualityJobInput:
        EndpointInput: { EndpointName: !GetAtt Endpoint.EndpointName, LocalPath: /opt/ml/processing/input }
      DataQualityJobOutputConfig:
        MonitoringOutputs: [{ S3Output: { LocalPath: /opt/ml/processing/output, S3Uri: s3://reports/iris } }]
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: ml.m5.large, VolumeSizeInGB: 20 } }
      RoleArn: arn:aws:iam::111122223333:role/monitoring
""",
    check=_check,
)
