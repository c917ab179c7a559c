from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    output = config["AsyncInferenceConfig"]["OutputConfig"]
    if output.literal and output["S3OutputPath"].missing:
        yield output["S3OutputPath"].flaw("is missing", fix="Name a bucket and prefix for the answers")


RULE = Rule(
    id="async-output-path",
    severity=Severity.WARNING,
    types=(ENDPOINT_CONFIG,),
    title="An asynchronous endpoint says where its answers go",
    reason=(
        "An asynchronous answer is an object in Amazon S3. Without S3OutputPath every single request must name "
        "the place itself, or it is lost."
    ),
    fix="Set OutputConfig.S3OutputPath.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceOutputConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      AsyncInferenceConfig:
        OutputConfig:
          KmsKeyId: alias/answers
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      AsyncInferenceConfig:
        OutputConfig:
          S3OutputPath: s3://answers/iris
          KmsKeyId: alias/answers
""",
    check=_check,
)
