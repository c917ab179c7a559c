from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._images import parse_image
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM, INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for container in containers(resource):
        image = container["Image"]
        sub = image.sub
        if sub is None or "${" in sub.partition("/")[0] or sub.startswith("${") or not image.literal:
            continue
        elsewhere = parse_image(sub) is None and container["ImageConfig"].missing
        if elsewhere:
            yield image.must("be an image in a private Amazon ECR repository", fix="Push the image to Amazon ECR")


RULE = Rule(
    id="image-in-ecr",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, ALGORITHM, INFERENCE_COMPONENT),
    title="An image is in Amazon ECR",
    reason=(
        "SageMaker pulls images from private Amazon ECR repositories, or for a model with RepositoryAccessMode "
        "Vpc from a private registry in its VPC. Docker Hub and public.ecr.aws are refused."
    ),
    fix="Push the image to a private ECR repository in the Region of the endpoint.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: docker.io/library/nginx:latest
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/nginx:latest
""",
    check=_check,
)
