from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, role_of
from sagemaker_hosting.preflight._iam import permissions
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw

_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def _check(model: Resource) -> Iterator[Flaw]:
    role = role_of(model)
    if role is None:
        return
    granted = permissions(role)
    for container in containers(model):
        uri = container["Image"].sub or ""
        image = parse_image(uri)
        repository = uri.partition("/")[2].partition("@")[0].rpartition(":")[0]
        own = uri.startswith("${AWS::AccountId}") or repository.startswith("cdk-")
        if not granted.complete or image is None or not own:
            continue
        where = f"arn:aws:ecr:${{AWS::Region}}:${{AWS::AccountId}}:repository/{repository}"
        # A repository of the CDK has no policy of its own that could allow the rest.
        lacking = [one for one in _ACTIONS if repository.startswith("cdk-") and not granted.allow(one, where)]
        if not granted.allow("ecr:GetAuthorizationToken"):
            lacking.append("ecr:GetAuthorizationToken")
        if lacking:
            yield container["Image"].flaw(
                f"cannot be pulled by {role.logical_id}, which lacks {', '.join(lacking)}", fix="Allow them to the role"
            )


RULE = Rule(
    id="role-pulls-image",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="The execution role may pull the image",
    reason=(
        "SageMaker pulls an image of the same account with the execution role, which needs "
        "ecr:GetAuthorizationToken, and ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository. The"
        " latter two are judged for repositories of the CDK only, as a repository policy may allow them; and "
        "only roles whose policies are all in the template are judged."
    ),
    fix="Allow the three actions to the role.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html",
    ),
    bad="""
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
        Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/iris:1
""",
    good="""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
      Policies:
        - PolicyName: images
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: ecr:GetAuthorizationToken, Resource: "*" }
              - Effect: Allow
                Action: [ecr:BatchGetImage, ecr:GetDownloadUrlForLayer]
                Resource: !Sub arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/iris
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/iris:1
""",
    check=_check,
)
