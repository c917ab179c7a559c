from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    capture = config["DataCaptureConfig"]
    if capture.given and capture["EnableCapture"].flag is not False and any(serverless_variants(config)):
        yield capture.flaw("is given for a serverless endpoint", fix="Remove it or use instances")


RULE = Rule(
    id="serverless-data-capture",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A serverless endpoint does not capture data",
    reason="Serverless inference supports neither data capture nor Model Monitor, which reads what is captured.",
    fix="Remove DataCaptureConfig, or use instances.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
      DataCaptureConfig:
        EnableCapture: true
        InitialSamplingPercentage: 100
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
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    check=_check,
)
