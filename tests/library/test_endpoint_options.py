from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from library.templates import only, small_model, statement
from sagemaker_hosting import (
    AsyncInference,
    ClarifyExplainer,
    EndpointConfig,
    FeatureType,
    InstanceProductionVariantProps,
    InstanceType,
    MetricsPublishing,
    Model,
    TextGranularity,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

CONFIG = "AWS::SageMaker::EndpointConfig"


def config(
    stack: cdk.Stack, *, instance_type: InstanceType = InstanceType.M5_LARGE, **arguments: Any
) -> EndpointConfig:
    made = EndpointConfig(stack, "Config", **arguments)
    made.add_instance_production_variant(model=small_model(stack), variant_name="main", instance_type=instance_type)
    return made


def for_components(stack: cdk.Stack, **arguments: Any) -> EndpointConfig:
    return EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[
            InstanceProductionVariantProps(variant_name="main", instance_type=InstanceType.M5_XLARGE)
        ],
        **arguments,
    )


def test_answers_are_explained_against_a_baseline(stack: cdk.Stack) -> None:
    config(
        stack,
        explainer=ClarifyExplainer(
            baseline="5.1,3.5,1.4,0.2",
            feature_headers=["a", "b", "c", "d"],
            feature_types=[FeatureType.NUMERICAL] * 4,
            label_index=0,
            probability_index=0,
            seed=0,
            use_logit=False,
        ),
    )

    found = only(stack, CONFIG)["ExplainerConfig"]["ClarifyExplainerConfig"]
    assert found["ShapConfig"] == {
        "Seed": 0,
        "ShapBaselineConfig": {"ShapBaseline": "5.1,3.5,1.4,0.2"},
        "UseLogit": False,
    }
    assert (found["InferenceConfig"]["LabelIndex"], found["InferenceConfig"]["ProbabilityIndex"]) == (0, 0)
    assert check_template(Template.from_stack(stack).to_json()) == []


def test_the_role_of_the_model_may_read_a_baseline_and_nothing_beside_it(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "baselines")
    config(
        stack,
        explainer=ClarifyExplainer(
            baseline_bucket=bucket,
            baseline_key="iris.csv",
            text_granularity=TextGranularity.SENTENCE,
            text_language="en",
        ),
    )

    found = only(stack, CONFIG)["ExplainerConfig"]["ClarifyExplainerConfig"]["ShapConfig"]
    assert found["ShapBaselineConfig"] == {"ShapBaselineUri": "s3://baselines/iris.csv"}
    assert found["TextConfig"] == {"Granularity": "sentence", "Language": "en"}
    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::baselines/iris.csv"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "baseline or baseline_bucket must be given, and only one of them"),
        ({"baseline": ""}, "the length of baseline must be 1 to 4096 characters, got 0"),
        ({"baseline": "1", "baseline_key": "iris.csv"}, "baseline_bucket and baseline_key must be given together"),
        ({"baseline": "1", "text_language": "en"}, "text_granularity and text_language must be given together"),
        (
            {"baseline": "1", "text_language": "", "text_granularity": TextGranularity.TOKEN},
            "text_language must be one",
        ),
        ({"baseline": "1", "content_template": ""}, "the length of content_template must be 1 to 64 characters, got 0"),
        ({"baseline": "1", "enable_explanations": ""}, "the length of enable_explanations must be 1 to 64"),
        ({"baseline": "1", "feature_headers": []}, "feature_headers must be 1 to 256 entries, got 0"),
        ({"baseline": "1", "feature_types": []}, "feature_types must not be empty"),
        ({"baseline": "1", "label_headers": [""]}, "the length of '' in label_headers must be 1 to 64 characters"),
        ({"baseline": "1", "label_index": -1}, "label_index must be at least 0 as a column, got -1"),
        ({"baseline": "1", "max_payload_in_mb": 0}, "max_payload_in_mb must be 1 to 25 MB, got 0"),
        ({"baseline": "1", "max_record_count": 0}, "max_record_count must be at least 1 records, got 0"),
        ({"baseline": "1", "number_of_samples": 0}, "number_of_samples must be at least 1 records, got 0"),
    ],
)
def test_fails_for_an_explainer_that_sagemaker_refuses(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ClarifyExplainer(**arguments)


def test_metrics_can_be_more_and_more_often(stack: cdk.Stack) -> None:
    config(
        stack,
        metrics=MetricsPublishing(
            detailed_observability=False, enhanced_metrics=True, frequency=cdk.Duration.seconds(10)
        ),
    )

    assert only(stack, CONFIG)["MetricsConfig"] == {
        "EnableDetailedObservability": False,
        "EnableEnhancedMetrics": True,
        "MetricPublishFrequencyInSeconds": 10,
    }


def test_fails_for_metrics_more_often_than_they_are_published() -> None:
    with pytest.raises(ValidationError, match="frequency must be one of 10, 30, 60, 120, 180, 240, 300 seconds, got 1"):
        MetricsPublishing(frequency=cdk.Duration.seconds(1))


def queue(stack: cdk.Stack, **arguments: Any) -> AsyncInference:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    return AsyncInference(
        input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out", **arguments
    )


def test_messages_hold_answers_where_they_are_asked_to(stack: cdk.Stack) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:done")
    answers = queue(
        stack,
        error_topic=topic,
        success_topic=topic,
        include_response_in_error_messages=False,
        include_response_in_success_messages=True,
    )
    config(stack, async_inference=answers)

    found = only(stack, CONFIG)["AsyncInferenceConfig"]["OutputConfig"]["NotificationConfig"]
    assert found["IncludeInferenceResponseIn"] == ["SUCCESS_NOTIFICATION_TOPIC"]


def test_fails_for_answers_in_messages_that_are_not_sent(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="include_response_in_error_messages must not be True without"):
        queue(stack, include_response_in_error_messages=True)


def test_instances_for_components_have_a_role_that_may_log(stack: cdk.Stack) -> None:
    made = for_components(stack)

    found = only(stack, CONFIG)
    assert "ModelName" not in found["ProductionVariants"][0]
    assert found["ExecutionRoleArn"] == stack.resolve(made.execution_role.role_arn)  # type: ignore[union-attr]
    logs = [str(each["Resource"]) for each in (statement(stack, "ecr:GetAuthorizationToken"),)]
    assert logs == ["*"]
    assert "/aws/sagemaker/InferenceComponents/*" in str(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert check_template(Template.from_stack(stack).to_json()) == []


def test_a_role_for_components_can_be_given(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Mine", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    for_components(stack, execution_role=role)

    Template.from_stack(stack).resource_count_is("AWS::IAM::Role", 1)
    assert only(stack, CONFIG)["ExecutionRoleArn"] == stack.resolve(role.role_arn)


def test_components_can_be_in_a_vpc_and_isolated(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    made = for_components(stack, vpc=vpc, network_isolation=False)
    made.connections.allow_from_any_ipv4(ec2.Port.tcp(8080))

    found = only(stack, CONFIG)
    assert len(found["VpcConfig"]["Subnets"]) == 2
    assert found["EnableNetworkIsolation"] is False
    assert statement(stack, "ec2:CreateNetworkInterface")["Resource"] == "*"


def test_a_configuration_without_an_option_keeps_its_logical_id(stack: cdk.Stack) -> None:
    EndpointConfig(
        stack,
        "Config",
        instance_production_variants=[
            InstanceProductionVariantProps(model=Model.from_model_name(stack, "Model", "iris"), variant_name="main")
        ],
    )

    assert list(Template.from_stack(stack).find_resources(CONFIG)) == ["Config57D1D8943e32ed68"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"network_isolation": False}, "vpc and network_isolation must not be given for variants with models"),
    ],
)
def test_fails_for_a_network_of_variants_with_models(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        config(stack, **arguments)


def test_fails_for_a_role_beside_models(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_name(stack, "Mine", "mine")

    with pytest.raises(ValidationError, match="execution_role must not be given for variants with models"):
        config(stack, execution_role=role)


def test_fails_for_models_of_some_variants(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="model must be given for all variants or for none, got some without"):
        config(stack).add_instance_production_variant(variant_name="other")


def test_fails_to_connect_what_is_in_no_vpc(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="vpc must be given to manage connections, got none"):
        _ = for_components(stack).connections


def test_volumes_get_a_key_through_a_grant_for_aws_alone(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    config(stack, encryption_key=key)

    found = statement(stack, "kms:CreateGrant")
    assert found["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert found["Resource"] == stack.resolve(key.key_arn)


@pytest.mark.parametrize("instance_type", [InstanceType.G5_XLARGE, InstanceType.M5_D_LARGE])
def test_fails_for_a_key_of_local_disks(stack: cdk.Stack, instance_type: InstanceType) -> None:
    with pytest.raises(ValidationError, match=f"encryption_key must not be given for {instance_type}, whose storage"):
        config(stack, encryption_key=kms.Key(stack, "Key"), instance_type=instance_type)
