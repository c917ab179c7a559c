from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    capture = config["DataCaptureConfig"]
    if capture["EnableCapture"].flag is True and capture["InitialSamplingPercentage"].number == 0:
        yield capture["InitialSamplingPercentage"].flaw("is 0, so nothing is captured", fix="Choose a share above 0")


RULE = Rule(
    id="data-capture-disabled",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="Data capture that is configured captures something",
    reason=(
        "With EnableCapture false, or with a sampling of 0 %, nothing is written and monitoring that reads the "
        "captured data finds none."
    ),
    fix="Enable it with a sampling above 0, or remove DataCaptureConfig.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      DataCaptureConfig:
        EnableCapture: true
        InitialSamplingPercentage: 0
        DestinationS3Uri: s3://captures/iris
        CaptureOptions: [{ CaptureMode: Input }]
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      DataCaptureConfig:
        EnableCapture: true
        InitialSamplingPercentage: 20
        DestinationS3Uri: s3://captures/iris
        CaptureOptions: [{ CaptureMode: Input }]
""",
    check=_check,
)
