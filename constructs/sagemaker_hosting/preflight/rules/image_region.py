from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM, INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    region = resource.template.region
    for container in containers(resource):
        image = parse_image(container["Image"].sub)
        if image is not None and region is not None and image.region not in (None, region):
            yield container["Image"].flaw(
                f"is in {image.region}, but the stack is deployed to {region}", fix=f"Use an image in {region}"
            )


RULE = Rule(
    id="image-region",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, ALGORITHM, INFERENCE_COMPONENT),
    title="An image is in the Region of the stack",
    reason="The API states that the image in Amazon ECR must be in the same Region as the model or endpoint.",
    fix="Use the repository of the stack's Region, or replicate the image there.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad="""
# deployed to eu-west-1
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/iris:1
""",
    good="""
# deployed to eu-west-1
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
""",
    check=_check,
)
