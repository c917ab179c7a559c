from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, model_data, role_of
from sagemaker_hosting.preflight._iam import object_arn, policies_of, policy_allows, s3_location
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG, MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    role = role_of(model)
    for policy in policies_of(role) if role is not None else ():
        if role is None or policy.logical_id in model.depends_on:
            continue
        if _is_needed(policy, model) and not _is_for_endpoints(policy):
            yield model["ExecutionRoleArn"].flaw(
                f"is {role.logical_id}, but the model does not wait for its policy {policy.logical_id}",
                fix=f"Add DependsOn: {policy.logical_id}",
            )


def _is_needed(policy: Resource, model: Resource) -> bool:
    # Other rights, such as those on the data of a transform job, are not needed before the model is used.
    uris = [uri.sub or "" for container in containers(model) for uri in model_data(container)]
    places = [s3_location(uri) for uri in uris]
    return policy_allows(policy, "ecr:BatchGetImage") or any(
        policy_allows(policy, "s3:GetObject", None if place is None else object_arn(place)) for place in places
    )


def _is_for_endpoints(policy: Resource) -> bool:
    """Whether a configuration waits for it, as for the right to read the requests of an asynchronous endpoint."""
    memo = policy.template.memo
    if "awaited by configurations" not in memo:
        configs = policy.template.of_type(ENDPOINT_CONFIG)
        memo["awaited by configurations"] = {name for config in configs for name in config.depends_on}
    return policy.logical_id in memo["awaited by configurations"]


RULE = Rule(
    id="role-policy-dependency",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="A model waits for the policy of its role",
    reason=(
        "CloudFormation creates a separate policy at the same time as the model that needs it. When the model "
        "is first, SageMaker finds that the role may not read the artifacts, and the deployment fails now and "
        "then."
    ),
    fix="Add DependsOn with the policy to the model.",
    sources=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html",),
    bad="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: models
      Roles: [!Ref Role]
      PolicyDocument:
        Statement:
          - { Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::models/*" }
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: s3://models/iris/model.tar.gz
""",
    good="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: models
      Roles: [!Ref Role]
      PolicyDocument:
        Statement:
          - { Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::models/*" }
  Model:
    Type: AWS::SageMaker::Model
    DependsOn: Policy
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: s3://models/iris/model.tar.gz
""",
    check=_check,
)
