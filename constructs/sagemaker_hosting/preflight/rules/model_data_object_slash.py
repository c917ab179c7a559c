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
        if source["S3DataType"].text == "S3Object" and (source["S3Uri"].sub or "").endswith("/"):
            yield source["S3Uri"].must(
                "name an object when S3DataType is S3Object", fix="Remove the slash or use S3Prefix"
            )


RULE = Rule(
    id="model-data-object-slash",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE),
    title="An object of model data does not end with a slash",
    reason=(
        "With S3DataType S3Object, the URI names one object whose last part becomes the file name. A URI that "
        "ends with a slash has no last part."
    ),
    fix="Name the object, or set S3DataType to S3Prefix.",
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
            S3DataType: S3Object
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
            S3Uri: s3://models/iris/model.tar.gz
            S3DataType: S3Object
            CompressionType: Gzip
""",
    check=_check,
)
