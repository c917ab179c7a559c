from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    for container in containers(model):
        single = container["Mode"].missing or container["Mode"].text == "SingleModel"
        if container["MultiModelConfig"].given and single:
            yield container["MultiModelConfig"].flaw("has no effect in single-model mode", fix="Set Mode to MultiModel")


RULE = Rule(
    id="multi-model-config-unused",
    severity=Severity.WARNING,
    types=(MODEL,),
    title="MultiModelConfig belongs to a multi-model container",
    reason=(
        "The cache setting only has an effect in multi-model mode. In a single-model container it usually means"
        " that Mode was forgotten."
    ),
    fix="Set Mode to MultiModel, or remove MultiModelConfig.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MultiModelConfig.html",),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        ModelDataUrl: s3://models/iris/model.tar.gz
        MultiModelConfig:
          ModelCacheSetting: Disabled
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      PrimaryContainer:
        Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
        Mode: MultiModel
        ModelDataUrl: s3://models/iris/
        MultiModelConfig:
          ModelCacheSetting: Disabled
""",
    check=_check,
)
