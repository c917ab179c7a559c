from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    if package["CertifyForMarketplace"].flag is True and package["ValidationSpecification"].missing:
        yield package["ValidationSpecification"].flaw(
            "is missing for a package for Marketplace", fix="Add a transform job"
        )


RULE = Rule(
    id="package-marketplace-validation",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A package for Marketplace is validated",
    reason=(
        "AWS Marketplace lists packages that SageMaker validated. Without ValidationSpecification there is no "
        "transform job that could validate it."
    ),
    fix="Add ValidationSpecification with a transform job.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-create-model-package.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageName: iris
      CertifyForMarketplace: true
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
      CertifyForMarketplace: false
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
        SupportedTransformInstanceTypes: [ml.m5.large]
        SupportedRealtimeInferenceInstanceTypes: [ml.m5.large]
""",
    check=_check,
)
