from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import containers
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import MODEL
from sagemaker_hosting.preflight._value import Flaw


def _check(model: Resource) -> Iterator[Flaw]:
    multi = [one["Mode"] for one in containers(model) if one["Mode"].text == "MultiModel"]
    for mode in multi[1:]:
        yield mode.flaw("is MultiModel in more than one container", fix="Set it to SingleModel")


RULE = Rule(
    id="multi-model-pipeline",
    severity=Severity.ERROR,
    types=(MODEL,),
    title="At most one container of a model is a multi-model one",
    reason=(
        'CreateModel answers "More than one container in MultiModel mode is not supported with inference pipeline".'
    ),
    fix="Keep one container in MultiModel mode and make the others SingleModel.",
    sources=(
        "https://github.com/OElesin/sagemaker-autopilot-step-functions/issues/10",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html",
    ),
    bad="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
          Mode: MultiModel
          ModelDataUrl: s3://models/scaler/
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          Mode: MultiModel
          ModelDataUrl: s3://models/iris/
""",
    good="""
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/hosting
      Containers:
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/scaler:1
          ModelDataUrl: s3://models/scaler/model.tar.gz
        - Image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/iris:1
          Mode: MultiModel
          ModelDataUrl: s3://models/iris/
""",
    check=_check,
)
