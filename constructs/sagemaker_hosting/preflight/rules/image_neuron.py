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
                other = accelerator(value.text or "") not in ("neuron", None)
                if image is not None and image.processor == "neuron" and other:
                    yield value.flaw(
                        f"is {value.shown}, which has no Neuron device, for a Neuron image",
                        fix="Use an inf or trn type",
                    )


RULE = Rule(
    id="image-neuron",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A Neuron image runs on Inferentia or Trainium",
    reason=(
        "The Neuron runtime of these images needs a Neuron device and stops without one. Instances with such a "
        "device leave it idle with any other image."
    ),
    fix="Use an inf or trn instance type for a Neuron image.",
    sources=("https://github.com/aws/deep-learning-containers",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-inference-neuronx:2.5.1-neuronx-py310
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
        Image: 763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-inference-neuronx:2.5.1-neuronx-py310
        ModelDataUrl: s3://models/iris/model.tar.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.inf2.xlarge
          InitialInstanceCount: 1
""",
    check=_check,
)
