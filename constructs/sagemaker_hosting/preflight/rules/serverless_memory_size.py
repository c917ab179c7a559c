from collections.abc import Iterator

from sagemaker_hosting.facts import facts
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    sizes = facts("catalog")["serverless"]["memory_sizes_in_mb"]
    for variant in all_variants(config):
        memory = variant["ServerlessConfig"]["MemorySizeInMB"]
        size = memory.integer
        if size is not None and sizes[0] <= size <= sizes[-1] and size not in sizes:
            larger = next(one for one in sizes if one > size)
            yield memory.must(f"be one of {', '.join(map(str, sizes))}", fix=f"Use {larger}")


RULE = Rule(
    id="serverless-memory-size",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Serverless memory is one of six sizes",
    reason="A serverless endpoint has 1, 2, 3, 4, 5 or 6 GB of memory, written as a multiple of 1,024 MB.",
    fix="Use 1024, 2048, 3072, 4096, 5120 or 6144.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig:
            MemorySizeInMB: 1500
            MaxConcurrency: 5
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          ServerlessConfig:
            MemorySizeInMB: 2048
            MaxConcurrency: 5
""",
    check=_check,
)
