from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        image = parse_image(container["Image"].text)
        if image is not None and image.tag is None:
            yield container["Image"].flaw("names neither a tag nor a digest", fix="Add one that does not move")


RULE = Rule(
    id="image-tag-missing",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="An image names a tag or digest",
    reason=(
        "Without a tag the image is :latest. A later push changes what the endpoint runs after the next "
        "scale-out, without a deployment."
    ),
    fix="Add a tag that is never moved, or a digest.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1.4.0
""",
    check=_check,
)
