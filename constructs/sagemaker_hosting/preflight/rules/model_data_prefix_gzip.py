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
        if source["S3DataType"].text == "S3Prefix" and source["CompressionType"].text == "Gzip":
            yield source["CompressionType"].must(
                "be None when S3DataType is S3Prefix", fix="Set it to None or use S3Object"
            )


RULE = Rule(
    id="model-data-prefix-gzip",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE),
    title="A prefix of model data is not compressed",
    reason=(
        "The API describes Gzip only for S3Object, where one object is one archive. A prefix is always a set of"
        " uncompressed files."
    ),
    fix="Set CompressionType to None, or name one archive with S3Object.",
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
            S3Uri: s3://models/iris/
            S3DataType: S3Prefix
            CompressionType: Gzip
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
