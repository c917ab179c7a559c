from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._monitoring import job_inputs
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import (
    ENDPOINT,
    ENDPOINT_CONFIG,
    INFERENCE_COMPONENT,
    JOB_DEFINITIONS,
    MODEL,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    NAMES,
)
from sagemaker_hosting.preflight._value import Flaw, Value


def _check(resource: Resource) -> Iterator[Flaw]:
    for value, kind in _named(resource):
        target = value.target(kind) if value.literal else None
        if target is not None and target.logical_id not in resource.depends_on:
            yield value.flaw(
                f"names {target.logical_id} without waiting for it",
                fix=f"Use Fn::GetAtt {target.logical_id}.{NAMES[kind]}",
            )


def _named(resource: Resource) -> Iterator[tuple[Value, str]]:
    if resource.type == ENDPOINT:
        yield resource["EndpointConfigName"], ENDPOINT_CONFIG
    if resource.type == INFERENCE_COMPONENT:
        yield resource["EndpointName"], ENDPOINT
        yield resource["Specification"]["ModelName"], MODEL
    if resource.type == MODEL_PACKAGE:
        yield resource["ModelPackageGroupName"], MODEL_PACKAGE_GROUP
    if resource.type in JOB_DEFINITIONS:
        for job_input in job_inputs(resource):
            yield job_input["EndpointInput"]["EndpointName"], ENDPOINT
    for variant in all_variants(resource):
        yield variant["ModelName"], MODEL


RULE = Rule(
    id="name-dependency",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG, ENDPOINT, INFERENCE_COMPONENT, MODEL_PACKAGE, *JOB_DEFINITIONS),
    title="A resource waits for the one it names",
    reason=(
        "A literal name tells CloudFormation nothing about the order. It creates both resources at the same "
        "time, and the one that names the other fails because that does not exist yet."
    ),
    fix="Refer with Fn::GetAtt, or add DependsOn.",
    sources=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: iris
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: iris
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: iris
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    DependsOn: Config
    Properties:
      EndpointConfigName: iris
""",
    check=_check,
)
