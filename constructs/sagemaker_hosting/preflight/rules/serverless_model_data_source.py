from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, model_of, serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in serverless_variants(config):
        model = model_of(variant)
        for container in containers(model) if model is not None else ():
            if container["ModelDataSource"]["S3DataSource"]["S3DataType"].text == "S3Object":
                yield variant["ServerlessConfig"].flaw(
                    "is given for a model with ModelDataSource", fix="Name the archive with ModelDataUrl"
                )


RULE = Rule(
    id="serverless-model-data-source",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A serverless variant's model names its archive with ModelDataUrl",
    reason=(
        "The API states that ModelDataSource cannot be used with serverless endpoints, although a "
        "gzip-compressed archive can be named either way."
    ),
    fix="Name the archive with ModelDataUrl.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataSource:
          S3DataSource: { S3Uri: s3://models/iris/model.tar.gz, S3DataType: S3Object, CompressionType: Gzip }
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.tar.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
""",
    check=_check,
)
