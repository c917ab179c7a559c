from collections.abc import Iterator

from sagemaker_hosting.preflight._built import built_images
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for uri, _, dockerfile in built_images(model):
        entry = dockerfile.last("ENTRYPOINT")
        if entry is not None and entry.arguments and entry.exec_form is None:
            yield uri.flaw(
                f"has an ENTRYPOINT in the shell form in line {entry.line} of its Dockerfile",
                fix='Write ENTRYPOINT ["program", "argument"]',
            )


RULE = Rule(
    id="dockerfile-entrypoint-shell",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="An entry point has the exec form",
    reason=(
        "SageMaker starts docker run IMAGE serve. In the shell form the word serve is dropped and the shell, "
        "which gets the stop signal, does not pass it on; requests in flight are cut off after 30 seconds."
    ),
    fix='Write the exec form, ENTRYPOINT ["program", "argument"].',
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
        "https://docs.docker.com/reference/dockerfile/#entrypoint",
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
ENTRYPOINT python -m serving
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
