from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        if container["ModelDataUrl"].given and container["ModelDataSource"].given:
            yield container["ModelDataUrl"].flaw("is given together with ModelDataSource", fix="Remove one of the two")


RULE = Rule(
    id="model-data-both",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE),
    title="A container has one source of model data",
    reason=(
        "ModelDataUrl and ModelDataSource are two ways to name the same artifacts. The service accepts one of them."
    ),
    fix="Keep ModelDataSource, which states the compression, or keep ModelDataUrl.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelDataSource.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.tar.gz
        ModelDataSource:
          S3DataSource:
            S3Uri: s3://models/iris/
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
