from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._handler import PARAMETERS
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        known = handler.has_class or set(PARAMETERS) & set(handler.functions)
        if handler.error is None and not handler.open and not known:
            yield uri.flaw(f"holds {HANDLER}, which defines no handler function", fix="Define those of one contract")


RULE = Rule(
    id="handler-contract-missing",
    severity=Severity.WARNING,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The handler defines a function that containers look for",
    reason=(
        "A container that finds code/inference.py calls model_fn, predict_fn, transform_fn, handler or another "
        "function of a known contract. With none of them the module is imported and ignored."
    ),
    fix="Define the functions of one contract, or rename the file if another program reads it.",
    sources=("https://github.com/aws/sagemaker-inference-toolkit",),
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
            "code/inference.py": """
def predict(data, model):
    return model(data)
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "code/inference.py": """
def predict_fn(data, model):
    return model(data)
""",
        },
    },
    check=_check,
)
