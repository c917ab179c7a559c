from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import serverless_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    if config["AsyncInferenceConfig"].given and any(serverless_variants(config)):
        yield config["AsyncInferenceConfig"].flaw(
            "is given for a serverless endpoint", fix="Remove it or use instances"
        )


RULE = Rule(
    id="serverless-asynchronous",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="A serverless endpoint is not asynchronous",
    reason=(
        "Asynchronous inference queues requests for instances. The two are different kinds of endpoint and "
        "cannot be combined."
    ),
    fix="Remove AsyncInferenceConfig, or use instances.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }
      AsyncInferenceConfig:
        OutputConfig:
          S3OutputPath: s3://answers/iris
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
""",
    check=_check,
)
