import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers, model_data, role_of
from sagemaker_hosting.preflight._iam import object_arn, permissions, s3_location
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw

_ASSETS = re.compile(r"s3://cdk-[a-z0-9]+-assets-")


def _check(model: Resource) -> Iterator[Flaw]:
    role = role_of(model)
    if role is None:
        return
    granted = permissions(role)
    for container in containers(model):
        for uri in model_data(container):
            place = s3_location(uri.sub or "")
            if not granted.complete or place is None or not _has_no_policy(model, place):
                continue
            if not granted.allow("s3:GetObject", object_arn(place)):
                yield uri.flaw(f"cannot be read by {role.logical_id}", fix="Allow s3:GetObject on it to the role")


def _has_no_policy(model: Resource, uri: str) -> bool:
    if _ASSETS.match(uri):
        return True
    bucket = model.template.target(uri.removeprefix("s3://").partition("/")[0], ("AWS::S3::Bucket",))
    policies = model.template.of_type("AWS::S3::BucketPolicy")
    return bucket is not None and all(policy["Bucket"].target("AWS::S3::Bucket") is not bucket for policy in policies)


RULE = Rule(
    id="role-reads-model-data",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="The execution role may read the model data",
    reason=(
        "SageMaker downloads the artifacts with the execution role. Without s3:GetObject the endpoint fails "
        'with "Could not access model data". Only roles whose policies are all in the template are judged, and '
        "only for buckets that are in the template without a bucket policy or hold CDK assets."
    ),
    fix="Allow s3:GetObject on the artifacts to the role.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",),
    bad="""
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
      Policies:
        - PolicyName: models
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: s3:ListBucket, Resource: !GetAtt Bucket.Arn }
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: !Sub s3://${Bucket}/iris/model.tar.gz
""",
    good="""
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: sagemaker.amazonaws.com } }
      Policies:
        - PolicyName: models
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: s3:GetObject, Resource: !Sub "${Bucket.Arn}/iris/*" }
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
        ModelDataUrl: !Sub s3://${Bucket}/iris/model.tar.gz
""",
    check=_check,
)
