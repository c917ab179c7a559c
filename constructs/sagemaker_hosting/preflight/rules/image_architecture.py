from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, containers, instance_types, model_of
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._instances import is_graviton
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        model = model_of(variant)
        for container in containers(model) if model is not None else ():
            image = parse_image(container["Image"].sub)
            processor = image.processor if image is not None else None
            for value in instance_types(variant):
                arm = is_graviton(value.text or "")
                if processor is not None and arm != (processor == "arm"):
                    yield value.flaw(
                        f"is {value.shown}, whose {'Arm' if arm else 'x86-64'} processor cannot run the model's image",
                        fix="Use an image that is built for this processor",
                    )


RULE = Rule(
    id="image-architecture",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A prebuilt image is built for the processor of the instance type",
    reason=(
        "A program for x86-64 does not start on an Arm (Graviton) processor, nor the reverse. The endpoint "
        'fails after minutes, with no log but "exec format error".'
    ),
    fix="Use the Graviton image on Graviton instances, and the ordinary image on the others.",
    sources=("https://github.com/aws/deep-learning-containers",),
    bad="""
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
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference-arm64:2.6.0-cpu-py312
        ModelDataUrl: s3://models/iris/model.tar.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.c7g.xlarge
          InitialInstanceCount: 1
""",
    check=_check,
)
