from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import duplicates
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    for name in duplicates(one["Name"] for one in package["AdditionalInferenceSpecifications"].items):
        yield name.flaw(f"is {name.shown} for the second time", fix="Rename one of them")


RULE = Rule(
    id="package-additional-name",
    severity=Severity.ERROR,
    types=(MODEL_PACKAGE,),
    title="Additional specifications have different names",
    reason=(
        "An additional inference specification is chosen by its name, which the API requires to be unique in "
        "the package."
    ),
    fix="Rename one of the specifications.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AdditionalInferenceSpecificationDefinition.html",
    ),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1 }]
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
      AdditionalInferenceSpecifications:
        - { Name: neo, Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:c5 }] }
        - { Name: neo, Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:g5 }] }
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
      AdditionalInferenceSpecifications:
        - { Name: neo-c5, Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:c5 }] }
        - { Name: neo-g5, Containers: [{ Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:g5 }] }
""",
    check=_check,
)
