from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        config = container["ImageConfig"]
        if config["RepositoryAccessMode"].text == "Platform" and config["RepositoryAuthConfig"].given:
            yield config["RepositoryAuthConfig"].flaw(
                "is given, but RepositoryAccessMode is Platform", fix="Set RepositoryAccessMode to Vpc or remove it"
            )


RULE = Rule(
    id="private-registry-credentials",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="Registry credentials belong to a private registry",
    reason=(
        "RepositoryAuthConfig names a Lambda function that logs in to a registry in the VPC. With "
        "RepositoryAccessMode Platform, SageMaker pulls from Amazon ECR with the execution role."
    ),
    fix="Set RepositoryAccessMode to Vpc, or remove RepositoryAuthConfig.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ImageConfig.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ImageConfig:
          RepositoryAccessMode: Platform
          RepositoryAuthConfig:
            RepositoryCredentialsProviderArn: arn:aws:lambda:eu-west-1:111122223333:function:login
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ImageConfig:
          RepositoryAccessMode: Platform
""",
    check=_check,
)
