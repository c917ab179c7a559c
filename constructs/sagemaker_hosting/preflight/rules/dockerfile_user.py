from collections.abc import Iterator

from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, _, dockerfile in built_images(model):
        user = dockerfile.last("USER")
        if (
            user is not None
            and user.arguments.partition(":")[0].strip() not in ("root", "0")
            and "$" not in user.arguments
        ):
            yield uri.flaw(f"runs as {user.arguments[:50]} (line {user.line} of its Dockerfile)", fix="Remove USER")


RULE = Rule(
    id="dockerfile-user",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="A container runs as root",
    reason=(
        "SageMaker mounts the model and passes credentials for the user root. A server that runs as another "
        "user often cannot read /opt/ml or write its failure reason."
    ),
    fix="Remove USER, or make sure that the user may read /opt/ml.",
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
USER app
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    check=_check,
)
