from collections.abc import Iterator

from sagemaker_hosting.preflight._artifacts import HANDLER, handlers
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._handler import PARAMETERS, accepts
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(resource: Resource) -> Iterator[Flaw]:
    for uri, handler in handlers(resource):
        for name, parameters in PARAMETERS.items():
            function = handler.functions.get(name)
            # A trailing context is passed where there is a parameter for it.
            fits = function is None or any(accepts(function, len(parameters) + extra) for extra in (0, 1))
            if not fits:
                wanted = f"{name}({', '.join(parameters)})"
                yield uri.flaw(f"holds {HANDLER}, whose {name} is not called as it is defined", fix=f"Define {wanted}")


RULE = Rule(
    id="handler-parameters",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="A handler function takes the arguments it is called with",
    reason=(
        "The container calls each function with fixed arguments, and with a context after them where the "
        "function has room for it. Any other number fails on the first request, or at the start for model_fn."
    ),
    fix="Give the function the parameters that the message lists.",
    sources=(
        "https://github.com/aws/sagemaker-inference-toolkit",
        "https://github.com/aws/sagemaker-tensorflow-serving-container#prepost-processing",
    ),
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
def predict_fn(data):
    return data
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "code/inference.py": """
def predict_fn(data, model, context=None):
    return model(data)
""",
        },
    },
    check=_check,
)
