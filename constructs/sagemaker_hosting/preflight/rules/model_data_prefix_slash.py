from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        source = container["ModelDataSource"]["S3DataSource"]
        uri = source["S3Uri"].sub
        ends_unknown = uri is None or uri.endswith("}")
        if source["S3DataType"].text == "S3Prefix" and not ends_unknown and not (uri or "").endswith("/"):
            yield source["S3Uri"].must("end with / when S3DataType is S3Prefix", fix="Add the slash or use S3Object")


RULE = Rule(
    id="model-data-prefix-slash",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE),
    title="A prefix of model data ends with a slash",
    reason=(
        "With S3DataType S3Prefix, SageMaker takes every object below the prefix. The API states that a valid "
        "prefix always ends with a forward slash."
    ),
    fix="Add the slash, or set S3DataType to S3Object.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataSource:
          S3DataSource:
            S3Uri: s3://models/iris
            S3DataType: S3Prefix
            CompressionType: None
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataSource:
          S3DataSource:
            S3Uri: s3://models/iris/
            S3DataType: S3Prefix
            CompressionType: None
""",
    check=_check,
)
