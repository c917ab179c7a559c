from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, model_of, serverless_variants
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in serverless_variants(config):
        model = model_of(variant)
        for container in containers(model) if model is not None else ():
            image = parse_image(container["Image"].sub)
            if image is not None and image.processor in ("gpu", "neuron", "arm"):
                yield variant["ServerlessConfig"].flaw(
                    f"is given for a model whose image is built for {image.processor}", fix="Use the CPU image"
                )


RULE = Rule(
    id="serverless-gpu-image",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A serverless variant does not serve a GPU image",
    reason=(
        "Serverless inference has no GPUs and runs on x86-64. A prebuilt GPU, Neuron or Arm image starts slowly"
        " there or not at all."
    ),
    fix="Use the CPU image, or instances.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312
        ModelDataUrl: s3://models/iris/model.tar.gz
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
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
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
