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
        images = [parse_image(one["Image"].sub) for one in containers(model)] if model is not None else []
        if not images or any(image is None or image.processor != "cpu" for image in images):
            continue
        for value in instance_types(variant):
            if accelerator(value.text or "") in ("gpu", "neuron"):
                yield value.flaw(
                    f"is {value.shown}, whose accelerator the model's CPU image cannot use",
                    fix="Use the GPU image or a cheaper instance type",
                )


RULE = Rule(
    id="image-cpu-on-gpu",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="A CPU image does not run on a GPU instance",
    reason="A prebuilt CPU image has no CUDA libraries, so the GPU that is paid for stays idle.",
    fix="Use the GPU image, or an instance type without a GPU.",
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
          InstanceType: ml.g5.xlarge
          InitialInstanceCount: 1
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
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
""",
    check=_check,
)
