from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._frameworks import CODE, framework_containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import INFERENCE_COMPONENT, MODEL, MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw

_NEEDED = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": CODE}


def _check(resource: Resource) -> Iterator[Flaw]:
    for _, container in framework_containers(resource, "scikit-learn"):
        environment = container["Environment"]
        lacking = [name for name in _NEEDED if environment[name].missing]
        if lacking:
            yield environment.flaw(
                f"does not set {' and '.join(lacking)}",
                fix=f"Set {', '.join(f'{name} to {_NEEDED[name]}' for name in lacking)}",
            )


RULE = Rule(
    id="framework-script-variables",
    severity=Severity.ERROR,
    types=(MODEL, MODEL_PACKAGE, INFERENCE_COMPONENT),
    title="The scikit-learn container is told its script",
    reason=(
        "The container imports the module that SAGEMAKER_PROGRAM names from SAGEMAKER_SUBMIT_DIRECTORY, and has a "
        "default for neither that would be in the model archive. Without them it fails to start."
    ),
    fix="Set SAGEMAKER_PROGRAM to the script and SAGEMAKER_SUBMIT_DIRECTORY to /opt/ml/model/code.",
    sources=(
        "https://github.com/aws/sagemaker-scikit-learn-container/blob/master/src/sagemaker_sklearn_container/serving.py",
        "https://github.com/aws/sagemaker-containers/blob/master/src/sagemaker_containers/_env.py",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3
        Environment:
          SAGEMAKER_PROGRAM: inference.py
          SAGEMAKER_SUBMIT_DIRECTORY: /opt/ml/model/code
        ModelDataUrl: s3://assets/a1b2c3d4.gz
""",
    check=_check,
)
