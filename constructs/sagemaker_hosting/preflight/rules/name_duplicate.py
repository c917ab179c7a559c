from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import NAMES
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    name = resource[NAMES[resource.type]]
    first = resource.template.target(name.text, (resource.type,))
    if first is None or first is resource or first.conditional or resource.conditional:
        return
    yield name.flaw(f"is {name.shown}, as is that of {first.logical_id}", fix="Rename one of the two")


RULE = Rule(
    id="name-duplicate",
    severity=Severity.ERROR,
    types=tuple(NAMES),
    title="Two resources of one type do not share a name",
    reason="Names are unique per account and Region. The second resource fails because the first one has the name.",
    fix="Rename one of the resources, or let CloudFormation generate the names.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html",),
    bad="""
Resources:
  Blue:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris-1
  Green:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris
      EndpointConfigName: iris-2
""",
    good="""
Resources:
  Blue:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris-blue
      EndpointConfigName: iris-1
  Green:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: iris-green
      EndpointConfigName: iris-2
""",
    check=_check,
)
