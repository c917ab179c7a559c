from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_OTHER = ("/", ".json", ".csv", ".txt", ".zip", ".tar", ".npy", ".png", ".jpg", ".jpeg", ".parquet")


def _check(package: Resource) -> Iterator[Flaw]:
    url = package["SamplePayloadUrl"]
    if (url.sub or "").endswith(_OTHER):
        yield url.must("name one gzip-compressed tar archive", fix="Pack the payloads into a .tar.gz file")


RULE = Rule(
    id="package-sample-payload",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="A sample payload is one archive",
    reason="SamplePayloadUrl must point to a single gzip-compressed tar archive, which may hold several payloads.",
    fix="Pack the payloads into a .tar.gz file.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      Domain: MACHINE_LEARNING
      Task: CLASSIFICATION
      SamplePayloadUrl: s3://samples/iris.csv
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      Domain: MACHINE_LEARNING
      Task: CLASSIFICATION
      SamplePayloadUrl: s3://samples/iris.tar.gz
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    check=_check,
)
