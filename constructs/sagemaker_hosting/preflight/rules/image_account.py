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
        image = parse_image(container["Image"].sub)
        if image is None or image.account is None:
            continue
        right = image.prebuilt_accounts.get(image.region or "")
        if right is not None and image.account != right:
            yield container["Image"].flaw(
                f"is in account {image.account}; in {image.region} AWS publishes {image.repository} from {right}",
                fix=f"Use account {right}",
            )


RULE = Rule(
    id="image-account",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, ALGORITHM, INFERENCE_COMPONENT),
    title="A prebuilt image is pulled from its account in the Region",
    reason=(
        "AWS publishes its SageMaker images from different accounts in different Regions. The account of "
        "another Region has no such repository, and the pull fails."
    ),
    fix="Use the account that publishes the image in the Region.",
    sources=("https://github.com/aws/sagemaker-python-sdk/tree/master/src/sagemaker/image_uri_config",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 763104351884.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 692866216735.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312
""",
    check=_check,
)
