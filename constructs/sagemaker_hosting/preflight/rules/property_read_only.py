from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._schema import checked_types, shaped
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for place in shaped(resource):
        for name in place.shape.get("read_only", ()):
            if place.value[name].given:
                yield place.value[name].flaw("can only be read", fix="Remove it")


RULE = Rule(
    id="property-read-only",
    severity=Severity.ERROR,
    types=checked_types(),
    title="A property that AWS sets is not set in the template",
    reason="Some properties exist only to be read with Fn::GetAtt. CloudFormation refuses a template that sets one.",
    fix="Remove the property.",
    sources=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html",),
    bad="""
Resources:
  Group:
    Type: AWS::SageMaker::ModelPackageGroup
    Properties:
      ModelPackageGroupName: iris
      ModelPackageGroupStatus: Completed
""",
    good="""
Resources:
  Group:
    Type: AWS::SageMaker::ModelPackageGroup
    Properties:
      ModelPackageGroupName: iris
""",
    check=_check,
)
