from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_MAX_BYTES = 32 * 1024


def _check(resource: Resource) -> Iterator[Flaw]:
    total = 0
    for container in containers(resource):
        for name, value in container["Environment"].entries:
            total += len(name) + len((value.text or "").encode(errors="replace"))
        if total > _MAX_BYTES:
            yield container["Environment"].flaw(
                f"has {total} bytes together with the containers before it; allowed are {_MAX_BYTES}",
                fix="Move large settings into a file of the model archive",
            )
            return


RULE = Rule(
    id="environment-size",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE),
    title="The environment of a model's containers is at most 32 KB",
    reason="The API limits all keys and values of all containers of one model to 32 KB together.",
    fix="Move large settings into a file of the model archive.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",),
    bad=f"""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Environment: {{ {", ".join(f"LABEL_{number}: {'x' * 1000}" for number in range(40))} }}
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Environment:
          LABELS_FILE: /opt/ml/model/labels.json
""",
    check=_check,
)
