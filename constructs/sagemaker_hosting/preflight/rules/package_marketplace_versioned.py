from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    certify = package["CertifyForMarketplace"]
    if certify.flag is True and package["ModelPackageGroupName"].given:
        yield certify.flaw("does not apply to a version of a group", fix="Use ModelPackageName or remove it")


RULE = Rule(
    id="package-marketplace-versioned",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A package for Marketplace is unversioned",
    reason="CertifyForMarketplace does not apply to versions of a group. AWS Marketplace lists unversioned packages.",
    fix="Use ModelPackageName instead of a group, or remove CertifyForMarketplace.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-create-model-package.html",
    ),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      CertifyForMarketplace: true
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    check=_check,
)
