"""Fifty mistakes that are easy to make, each put alone into a template without mistakes."""

from typing import Any

import pytest

from preflight.hosting_template import MISSING, TEMPLATE, template_with
from sagemaker_hosting.preflight import check_template

VARIANT = "ProductionVariants.0"
CONTAINER = "PrimaryContainer"
SOURCE = f"{CONTAINER}.ModelDataSource.S3DataSource"
ROUTING = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
INFERENCE = "InferenceSpecification"
ANOTHER_VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "iris-2",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}

MISTAKES: list[tuple[str, str, Any, str]] = [
    ("Model", CONTAINER, MISSING, "model-container-missing"),
    ("Model", "Containers", [{"Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"}], "model-container-both"),
    ("Model", f"{CONTAINER}.Image", MISSING, "container-image-missing"),
    ("Model", f"{CONTAINER}.Image", "python:3.12", "image-in-ecr"),
    ("Model", f"{CONTAINER}.Image", "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1", "image-region"),
    (
        "Model",
        f"{CONTAINER}.Image",
        "763104351884.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312",
        "image-account",
    ),
    ("Model", f"{CONTAINER}.ModelDataUrl", "s3://models/iris/model.tar.gz", "model-data-both"),
    ("Model", f"{SOURCE}.S3DataType", "S3Prefix", "model-data-prefix-slash"),
    ("Model", f"{SOURCE}.S3Uri", "s3://models/iris/", "model-data-object-slash"),
    ("Model", f"{SOURCE}.CompressionType", "gzip", "property-enum"),
    ("Model", f"{SOURCE}.CompressionType", MISSING, "property-required"),
    ("Model", f"{CONTAINER}.Mode", "MultiModel", "multi-model-data-source"),
    ("Model", f"{CONTAINER}.Environment", {"LOG-LEVEL": "info"}, "property-pattern"),
    ("Model", f"{CONTAINER}.Environment", {"A" * 2000: "x"}, "property-length"),
    ("Model", f"{CONTAINER}.Environment", {"LOG_LEVEL": "x" * 2000}, "property-length"),
    ("Model", "EnableNetworkIsolaton", True, "property-unknown"),
    ("Model", "ExecutionRoleArn", "hosting-role", "property-pattern"),
    ("Model", "ModelName", "iris", "fixed-name"),
    ("Role", "AssumeRolePolicyDocument.Statement.0.Principal.Service", "ec2.amazonaws.com", "role-trust"),
    ("Role", "Policies.0.PolicyDocument.Statement.0.Action", "s3:ListBucket", "role-reads-model-data"),
    ("Role", "Policies.0.PolicyDocument.Statement.1.Action", "ecr:DescribeImages", "role-pulls-image"),
    ("Config", f"{VARIANT}.InstanceType", MISSING, "variant-instance-or-serverless"),
    ("Config", f"{VARIANT}.InstanceType", "m5.large", "instance-type-exists"),
    ("Config", f"{VARIANT}.InstanceType", "ml.t3.medium", "instance-type-exists"),
    ("Config", f"{VARIANT}.InitialInstanceCount", 0, "property-range"),
    ("Config", f"{VARIANT}.InitialInstanceCount", MISSING, "variant-instance-count"),
    ("Config", f"{VARIANT}.InitialVariantWeight", 0, "variant-weight-total"),
    ("Config", f"{VARIANT}.VariantName", "all_traffic", "property-pattern"),
    ("Config", f"{VARIANT}.ModelName", {"Ref": "Model"}, "reference-attribute"),
    ("Config", f"{VARIANT}.VolumeSizeInGB", 1024, "property-range"),
    ("Config", "ProductionVariants.1", ANOTHER_VARIANT, "variant-name-duplicate"),
    ("Config", "DataCaptureConfig.InitialSamplingPercentage", 120, "property-range"),
    ("Config", "EndpointConfigName", "iris", "fixed-name"),
    ("Serverless", f"{VARIANT}.ServerlessConfig.MemorySizeInMB", 3000, "serverless-memory-size"),
    ("Serverless", f"{VARIANT}.ServerlessConfig.MaxConcurrency", 500, "property-range"),
    ("Serverless", f"{VARIANT}.ServerlessConfig.ProvisionedConcurrency", 20, "serverless-provisioned-concurrency"),
    ("Serverless", f"{VARIANT}.InitialInstanceCount", 1, "serverless-instance-settings"),
    ("Serverless", "AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://a/b"}}, "serverless-asynchronous"),
    ("Endpoint", f"{ROUTING}.CanarySize.Value", 75, "deployment-step-size"),
    ("Endpoint", f"{ROUTING}.Type", "LINEAR", "deployment-step-missing"),
    (
        "Endpoint",
        "DeploymentConfig.BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds",
        36_000,
        "property-range",
    ),
    ("Errors", "Dimensions.0.Value", "wine", "rollback-alarm-endpoint"),
    ("Errors", "Dimensions.0.Name", "Endpoint", "metric-dimension-name"),
    ("Errors", "MetricName", "CPUUtilization", "metric-namespace"),
    ("Target", "MinCapacity", 8, "scaling-bounds"),
    ("Target", "MinCapacity", 0, "scaling-min-zero"),
    ("Target", "ResourceId", {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/Main"}, "scaling-variant-unknown"),
    (
        "Policy",
        f"{TRACKING}.PredefinedMetricSpecification.PredefinedMetricType",
        "SageMakerInferenceComponentInvocationsPerCopy",
        "scaling-metric",
    ),
    ("Package", "ModelApprovalStatus", "Accepted", "property-enum"),
    ("Package", f"{INFERENCE}.Containers", [], "property-length"),
]


def test_the_template_without_a_mistake_has_no_finding() -> None:
    assert check_template(TEMPLATE, region="eu-west-1") == []


def test_there_are_fifty_mistakes() -> None:
    assert len(MISTAKES) == 50


@pytest.mark.parametrize(("resource", "path", "value", "rule"), MISTAKES)
def test_a_seeded_mistake_is_found(resource: str, path: str, value: Any, rule: str) -> None:
    found = check_template(template_with(resource, path, value), region="eu-west-1")

    assert rule in {one.rule for one in found}


def test_credentials_do_not_appear_in_a_finding() -> None:
    environment = {"API_KEY": "swordfish", "LOG_LEVEL": "info"}

    (found,) = check_template(template_with("Model", f"{CONTAINER}.Environment", environment))

    assert found.rule == "environment-credentials"
    assert "API_KEY" in found.message
    assert "swordfish" not in str(found.as_dict())
