from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, containers, instance_types, model_of
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._instances import accelerator
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        model = model_of(variant)
        for container in containers(model) if model is not None else ():
            image = parse_image(container["Image"].sub)
            for value in instance_types(variant):
                if image is not None and image.processor == "gpu" and accelerator(value.text or "") == "":
                    yield value.flaw(
                        f"is {value.shown}, which has no GPU, for a model with a GPU image",
                        fix="Use the CPU image or a GPU instance type",
                    )


RULE = Rule(
    id="image-gpu-on-cpu",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A GPU image runs on a GPU instance",
    reason=(
        "A prebuilt GPU image on an instance without a GPU starts slowly, may fail to find its drivers, and "
        "serves on the processor at best."
    ),
    fix="Use the CPU image, or an instance type with a GPU.",
    sources=("https://github.com/aws/deep-learning-containers",),
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
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    good="""
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
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
""",
    check=_check,
)
