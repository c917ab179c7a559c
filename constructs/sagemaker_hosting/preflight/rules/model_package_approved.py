from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants, containers, model_of
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        model = model_of(variant)
        for container in containers(model) if model is not None else ():
            package = container["ModelPackageName"].target(MODEL_PACKAGE)
            status = package["ModelApprovalStatus"] if package is not None else None
            if status is not None and package is not None and status.text in ("Rejected", "PendingManualApproval"):
                yield variant["ModelName"].flaw(
                    f"deploys {package.logical_id}, whose ModelApprovalStatus is {status.text}", fix="Approve it first"
                )


RULE = Rule(
    id="model-package-approved",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A model of the registry is approved before it is deployed",
    reason="The API states that the approval status of a versioned model must be Approved to deploy it.",
    fix="Set ModelApprovalStatus to Approved, or deploy another version.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      ModelApprovalStatus: PendingManualApproval
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        ModelPackageName: !GetAtt Package.ModelPackageArn
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
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      ModelApprovalStatus: Approved
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        ModelPackageName: !GetAtt Package.ModelPackageArn
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
