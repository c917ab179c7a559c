from collections.abc import Iterator

from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, _, dockerfile in built_images(model):
        exposed = [port for one in dockerfile.all("EXPOSE") for port in one.arguments.split()]
        literal = [port for port in exposed if "$" not in port]
        labels = " ".join(one.arguments for one in dockerfile.all("LABEL"))
        asked = any(port.partition("/")[0] == "8080" for port in literal) or "accept-bind-to-port=true" in labels
        if exposed and len(literal) == len(exposed) and not asked:
            yield uri.flaw(f"exposes port {', '.join(exposed)}, but SageMaker calls 8080", fix="Listen on port 8080")


RULE = Rule(
    id="dockerfile-port",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="A container listens where SageMaker asks",
    reason=(
        "SageMaker sends requests to port 8080, or to SAGEMAKER_BIND_TO_PORT where the image has the label for "
        "it. An image that exposes only other ports most likely listens there."
    ),
    fix=(
        "Listen on port 8080, or on SAGEMAKER_BIND_TO_PORT with the label "
        "com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true."
    ),
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipeline-real-time.html",
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
FROM python:3.12-slim
EXPOSE 5000
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
EXPOSE 8080
ENTRYPOINT ["python", "-m", "serving"]
""",
        },
    },
    check=_check,
)
