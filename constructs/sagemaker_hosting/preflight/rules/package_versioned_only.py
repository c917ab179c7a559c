from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    unversioned = package["ModelPackageName"].given and package["ModelPackageGroupName"].missing
    if unversioned and package["ModelApprovalStatus"].given:
        yield package["ModelApprovalStatus"].flaw("does not apply to an unversioned package", fix="Remove it")


RULE = Rule(
    id="package-versioned-only",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="An unversioned package has no approval status",
    reason=(
        "The approval status decides which version of a group may be deployed. It does not apply to a package "
        "without a group."
    ),
    fix="Add ModelPackageGroupName, or remove ModelApprovalStatus.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
      ModelApprovalStatus: Approved
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
        SupportedTransformInstanceTypes: [ml.m5.large]
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
        SupportedTransformInstanceTypes: [ml.m5.large]
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
""",
    check=_check,
)
