import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._assets import ImageAsset
from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._dockerfile import Dockerfile
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, instance_types, model_of
from sagemaker_hosting.preflight._instances import is_graviton
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw, Value

_AMD, _ARM = "linux/amd64", "linux/arm64"


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        model = model_of(variant)
        for _, image, dockerfile in built_images(model) if model is not None else ():
            built = _architecture(image, dockerfile)
            for place, needed in _needed(variant):
                if built is not None and built != needed:
                    yield place.flaw(
                        f"needs an image for {needed}, but the model's is built for {built}",
                        fix=f"Build it for {needed}",
                    )


def _needed(variant: Value) -> Iterator[tuple[Value, str]]:
    if variant["ServerlessConfig"].given:
        yield variant["ServerlessConfig"], _AMD
    for value in instance_types(variant):
        yield value, _ARM if is_graviton(value.text or "") else _AMD


def _architecture(image: ImageAsset, dockerfile: Dockerfile) -> str | None:
    for text in (dockerfile.platform, image.platform, dockerfile.base):
        if text is not None and re.match(r"linux/amd64|linux/x86_64|amd64/", text):
            return _AMD
        if text is not None and re.match(r"linux/arm64|linux/aarch64|arm64v8/", text):
            return _ARM
    return None


RULE = Rule(
    id="dockerfile-architecture",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A built image has the architecture of the instance type",
    reason=(
        "The image is built for one architecture, which the CDK asset's platform, the Dockerfile's FROM "
        "--platform, or a base image for a single architecture states. On an instance with the other one it "
        'fails with "exec format error".'
    ),
    fix="Build for linux/arm64 on Graviton instances and for linux/amd64 on all others.",
    sources=(
        "https://docs.docker.com/reference/dockerfile/#from",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.c7g.xlarge
          InitialInstanceCount: 1
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.c7g.xlarge
          InitialInstanceCount: 1
""",
    bad_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM --platform=linux/amd64 python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM --platform=linux/arm64 python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    check=_check,
)
