from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        source = container["ModelDataSource"]
        if container["Mode"].text == "MultiModel" and source.given:
            yield source.flaw("cannot be used when Mode is MultiModel", fix="Name the prefix with ModelDataUrl")


RULE = Rule(
    id="multi-model-data-source",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A multi-model container does not use ModelDataSource",
    reason="The API states that ModelDataSource cannot be used with multi-model endpoints.",
    fix="Name the prefix with ModelDataUrl.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
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
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
""",
    check=_check,
)
