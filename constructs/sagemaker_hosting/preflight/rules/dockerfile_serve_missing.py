import re
from collections.abc import Iterator

from sagemaker_hosting.preflight._assets import ImageAsset
from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._dockerfile import Dockerfile
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw

# Base images that have neither an entry point nor a program named serve.
_PLAIN = re.compile(
    r"(docker\.io/|public\.ecr\.aws/docker/)?(library/|amd64/|arm64v8/)?"
    r"(python|ubuntu|debian|alpine|amazonlinux|fedora|rockylinux|busybox)(:.*|@.*)?"
    r"|public\.ecr\.aws/amazonlinux/.*"
)


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, image, dockerfile in built_images(model):
        plain = _PLAIN.fullmatch((dockerfile.base or "?")[:300]) is not None
        if plain and dockerfile.last("ENTRYPOINT") is None and not _mentions_serve(image, dockerfile):
            yield uri.flaw(
                "has neither an ENTRYPOINT nor a program named serve in its Dockerfile", fix="Add an ENTRYPOINT"
            )


def _mentions_serve(image: ImageAsset, dockerfile: Dockerfile) -> bool:
    """Whether serve is written in the Dockerfile, or lies in the build context that may be copied."""
    if any(re.search(r"\bserve\b", one.arguments) for one in dockerfile.all("COPY", "ADD", "RUN")):
        return True
    # pip may install a program of that name.
    if any("pip install" in one.arguments for one in dockerfile.all("RUN")):
        return True
    copies = bool(dockerfile.all("COPY", "ADD"))
    return copies and any(True for pattern in ("serve", "*/serve", "*/*/serve") for _ in image.context.glob(pattern))


RULE = Rule(
    id="dockerfile-serve-missing",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="An image understands serve",
    reason=(
        "SageMaker starts docker run IMAGE serve, which replaces CMD. Without an ENTRYPOINT, serve itself must "
        'be a program on the PATH; on a plain base image it is not, and the container stops with "executable '
        'file not found".'
    ),
    fix="Add an ENTRYPOINT in the exec form, or copy a program named serve to a folder on the PATH.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",),
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
FROM python:3.12-slim
COPY server.py /
CMD ["python", "/server.py"]
""",
            "server.py": "",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
COPY server.py /
ENTRYPOINT ["python", "/server.py"]
""",
            "server.py": "",
        },
    },
    check=_check,
)
