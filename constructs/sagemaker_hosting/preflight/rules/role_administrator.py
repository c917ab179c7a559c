from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import role_of
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG, MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    role = role_of(resource)
    for policy in role["ManagedPolicyArns"].items if role is not None else ():
        if role is not None and (policy.sub or "").endswith(":iam::aws:policy/AdministratorAccess"):
            yield resource["ExecutionRoleArn"].flaw(
                f"is {role.logical_id}, which has AdministratorAccess", fix="Allow only what the container needs"
            )


RULE = Rule(
    id="role-administrator",
    severity=Severity.WARNING,
    types=(MODEL, ENDPOINT_CONFIG),
    title="An execution role does not administrate the account",
    reason=(
        "The code of the container has every permission of the execution role. With AdministratorAccess, "
        "whoever controls a request or a model file can control the account."
    ),
    fix="Attach a policy that allows what the container needs.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    bad="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    good="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly]
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    check=_check,
)
