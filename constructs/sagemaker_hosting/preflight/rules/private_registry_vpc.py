from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        mode = container["ImageConfig"]["RepositoryAccessMode"]
        if mode.text == "Vpc" and model["VpcConfig"].missing:
            yield mode.flaw("is Vpc, but the model has no VpcConfig", fix="Add VpcConfig")


RULE = Rule(
    id="private-registry-vpc",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A private registry is reached through the model's VPC",
    reason=(
        "With RepositoryAccessMode Vpc, SageMaker pulls the image from a registry inside the VPC of the model. "
        "Without VpcConfig there is no such VPC."
    ),
    fix="Add VpcConfig with subnets that reach the registry.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ImageConfig.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: registry.example.com/iris:1
        ImageConfig:
          RepositoryAccessMode: Vpc
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: registry.example.com/iris:1
        ImageConfig:
          RepositoryAccessMode: Vpc
      VpcConfig:
        SecurityGroupIds: [sg-0123456789abcdef0]
        Subnets: [subnet-0123456789abcdef0]
""",
    check=_check,
)
