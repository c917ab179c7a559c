from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    header = config["DataCaptureConfig"]["CaptureContentTypeHeader"]
    csv = {value.text for value in header["CsvContentTypes"].items}
    for value in header["JsonContentTypes"].items:
        if value.text is not None and value.text in csv:
            yield value.flaw(f"is {value.shown}, which CsvContentTypes has as well", fix="Keep it in one list")


RULE = Rule(
    id="data-capture-content-type",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A content type is captured as CSV or as JSON",
    reason=(
        "CaptureContentTypeHeader says how captured bodies of a content type are encoded. A type in both lists "
        "leaves open which encoding the captured data has."
    ),
    fix="Keep the content type in one of the two lists.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CaptureContentTypeHeader.html",),
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
        InitialSamplingPercentage: 20
        DestinationS3Uri: s3://captures/iris
        CaptureOptions: [{ CaptureMode: Input }]
        CaptureContentTypeHeader:
          CsvContentTypes: [text/csv]
          JsonContentTypes: [application/json, text/csv]
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
        CaptureContentTypeHeader:
          CsvContentTypes: [text/csv]
          JsonContentTypes: [application/json]
""",
    check=_check,
)
