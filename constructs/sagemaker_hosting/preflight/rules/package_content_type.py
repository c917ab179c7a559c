from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_LISTS = ("SupportedContentTypes", "SupportedResponseMIMETypes")


def _check(resource: Resource) -> Iterator[Flaw]:
    specification = resource["InferenceSpecification"]
    for name in _LISTS:
        for value in specification[name].items:
            if value.text is not None and "/" not in value.text:
                yield value.must("be a MIME type", fix="Write it with its type, such as text/csv")


RULE = Rule(
    id="package-content-type",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE, ALGORITHM),
    title="A content type is a MIME type",
    reason=(
        "Clients, batch transform and Inference Recommender send the content type as a header. A value without "
        "a slash matches no request."
    ),
    fix="Write the MIME type, such as text/csv.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceSpecification.html",),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [csv]
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
