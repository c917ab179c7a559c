from collections.abc import Iterator

from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw

_PREFIXES = {"amd64/": ("linux/amd64", "linux/x86_64"), "arm64v8/": ("linux/arm64", "linux/aarch64")}


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, image, dockerfile in built_images(model):
        platform = dockerfile.platform or image.platform
        for prefix, fitting in _PREFIXES.items():
            if platform and (dockerfile.base or "").startswith(prefix) and not platform.startswith(fitting):
                yield uri.flaw(
                    f"is built for {platform} from {dockerfile.base}, which exists for {fitting[0]} only",
                    fix="Use the base image for all architectures",
                )


RULE = Rule(
    id="dockerfile-platform-base",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="A base image exists for the architecture that is built",
    reason=(
        "An image such as arm64v8/python or amd64/python holds one architecture. Building it for another stops "
        'with "no match for platform in manifest".'
    ),
    fix="Use the base image without the architecture in its name, or build for its architecture.",
    sources=(
        "https://docs.docker.com/build/building/multi-platform/",
        "https://github.com/docker-library/official-images#architectures-other-than-amd64",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
""",
    bad_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM --platform=linux/amd64 arm64v8/python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM --platform=linux/amd64 python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    check=_check,
)
