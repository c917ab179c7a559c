from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        halves = [name for name in ("input_handler", "output_handler") if name in handler.functions]
        if len(halves) == 1 and "handler" not in handler.functions and not handler.open:
            yield uri.flaw(f"holds {HANDLER}, which defines only {halves[0]}", fix="Define the other half")


RULE = Rule(
    id="handler-contract-half",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The handler defines both halves of its contract",
    reason=(
        "The pre- and post-processing functions of the TensorFlow Serving contract come in pairs; the container"
        " stops when one of them is missing."
    ),
    fix="Define the other function, or use a single handler.",
    sources=("https://github.com/aws/sagemaker-tensorflow-serving-container#prepost-processing",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    bad_assets={
        "a1b2c3d4": {
            "1/saved_model.pb": "",
            "code/inference.py": """
def input_handler(data, context):
    return data.read()
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "1/saved_model.pb": "",
            "code/inference.py": """
def input_handler(data, context):
    return data.read()


def output_handler(response, context):
    return response.content, context.accept_header
""",
        },
    },
    check=_check,
)
