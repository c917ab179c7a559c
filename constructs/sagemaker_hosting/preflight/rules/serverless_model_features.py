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
        features = _unsupported(model) if model is not None else []
        if features:
            yield variant["ServerlessConfig"].flaw(
                f"is given for a model with {' and '.join(features)}, which serverless inference does not support",
                fix="Change the model or use instances",
            )


def _unsupported(model: Resource) -> list[str]:
    every = list(containers(model))
    present = {
        "VpcConfig": model["VpcConfig"].given,
        "network isolation": model["EnableNetworkIsolation"].flag is True,
        "several containers": len(model["Containers"].items) > 1 and model["Containers"].complete,
        "a multi-model container": any(one["Mode"].text == "MultiModel" for one in every),
        "a private registry": any(one["ImageConfig"]["RepositoryAccessMode"].text == "Vpc" for one in every),
        "ModelDataSource of S3Prefix": any(
            one["ModelDataSource"]["S3DataSource"]["S3DataType"].text == "S3Prefix" for one in every
        ),
    }
    return [feature for feature, there in present.items() if there]


RULE = Rule(
    id="serverless-model-features",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A serverless variant serves a model that serverless inference supports",
    reason=(
        "Serverless inference supports no VPC configuration, network isolation, inference pipelines, "
        "multi-model containers, private registries, Marketplace packages, or uncompressed model data."
    ),
    fix="Remove the feature from the model, or use instances.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
      VpcConfig:
        SecurityGroupIds: [sg-0123456789abcdef0]
        Subnets: [subnet-0123456789abcdef0]
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
