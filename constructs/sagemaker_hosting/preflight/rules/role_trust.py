from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import roles
from sagemaker_hosting.preflight._iam import trusts
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import (
    ALGORITHM,
    ENDPOINT_CONFIG,
    JOB_DEFINITIONS,
    MODEL,
    MODEL_PACKAGE,
    MONITORING_SCHEDULE,
    ROLE,
)
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for value in roles(resource):
        role = value.target(ROLE)
        if role is not None and trusts(role, "sagemaker.amazonaws.com") is False:
            yield value.flaw(
                f"is {role.logical_id}, which sagemaker.amazonaws.com cannot assume",
                fix="Add the service to its AssumeRolePolicyDocument",
            )


RULE = Rule(
    id="role-trust",
    severity=Severity.ERROR,
    types=(MODEL, ENDPOINT_CONFIG, MODEL_PACKAGE, ALGORITHM, MONITORING_SCHEDULE, *JOB_DEFINITIONS),
    title="SageMaker can assume the role it is given",
    reason=(
        "SageMaker assumes the role as sagemaker.amazonaws.com. When the trust policy does not name this "
        'service, creating the resource fails with "Could not assume role".'
    ),
    fix="Allow sts:AssumeRole to the service sagemaker.amazonaws.com.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",),
    bad="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: lambda.amazonaws.com } }
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
""",
    good="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
""",
    check=_check,
)
