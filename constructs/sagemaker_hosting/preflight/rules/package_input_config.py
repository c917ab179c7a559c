import json
from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL_PACKAGE
from sagemaker_hosting.preflight._value import Flaw


def _check(package: Resource) -> Iterator[Flaw]:
    for container in containers(package):
        value = container["ModelInput"]["DataInputConfig"]
        if value.text is not None and not _is_json(value.text):
            yield value.must("be JSON", fix='Write the shapes as JSON, such as {"input": [1, 4]}')


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


RULE = Rule(
    id="package-input-config",
    severity=Severity.WARNING,
    types=(MODEL_PACKAGE,),
    title="A data input configuration is JSON",
    reason="Neo and Inference Recommender read DataInputConfig as JSON that names the shape of each input.",
    fix='Write JSON, such as {"input": [1, 3, 224, 224]}.',
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelInput.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html",
    ),
    bad="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers:
          - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
            ModelInput: { DataInputConfig: "input=1,4" }
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    good="""
Resources:
  Package:
    Type: AWS::SageMaker::ModelPackage
    Properties:
      ModelPackageGroupName: iris
      InferenceSpecification:
        Containers:
          - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
            ModelInput: { DataInputConfig: '{"input": [1, 4]}' }
        SupportedContentTypes: [text/csv]
        SupportedResponseMIMETypes: [text/csv]
""",
    check=_check,
)
