from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from library.templates import logical_id, only, statements
from sagemaker_hosting import (
    ApprovalStatus,
    AsyncInference,
    CapacitySize,
    ContainerDescription,
    DataCapture,
    Deployment,
    EndpointConfig,
    InstanceType,
    InvocationScaling,
    ModelDomain,
    ModelFramework,
    ModelPackageGroup,
    ModelTask,
    Serverless,
    ValidationError,
)
from sagemaker_hosting.preflight import check_file, check_template

if TYPE_CHECKING:
    from library.templates import Inputs

KINDS = [
    "AWS::SageMaker::Model",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::ModelPackageGroup",
    "AWS::SageMaker::ModelPackage",
    "AWS::Lambda::Function",
]


def synthesize(inputs: Inputs, **arguments: Any) -> dict[str, Any]:
    """Return the template of a new app."""
    app = cdk.App(analytics_reporting=False)
    inputs.hosted(cdk.Stack(app, "Stack"), **arguments)
    template: dict[str, Any] = json.loads((Path(app.synth().directory) / "Stack.template.json").read_text())
    return template


def ids(template: dict[str, Any]) -> dict[str, str]:
    """Return the logical id of the one resource of each kind."""
    return {resource["Type"]: name for name, resource in template["Resources"].items() if resource["Type"] in KINDS}


def test_one_construct_makes_one_of_everything(inputs: Inputs, stack: cdk.Stack) -> None:
    hosted = inputs.hosted(stack)

    template = Template.from_stack(stack)
    for kind in KINDS:
        template.resource_count_is(kind, 1)
    assert hosted.endpoint.endpoint_config is hosted.endpoint_config
    assert hosted.endpoint_config.instance_production_variants[0].model is hosted.model


def test_the_image_is_built_for_the_instance_type(inputs: Inputs) -> None:
    app = cdk.App()
    inputs.hosted(cdk.Stack(app, "Stack"), instance_type=InstanceType.C7_G_LARGE)
    manifest = json.loads((Path(app.synth().directory) / "Stack.assets.json").read_text())

    assert [image["source"]["platform"] for image in manifest["dockerImages"].values()] == ["linux/arm64"]


def test_every_part_takes_what_is_given(inputs: Inputs, stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1")
    inputs.hosted(
        stack,
        approval_status=ApprovalStatus.APPROVED,
        container_startup_health_check_timeout=cdk.Duration.minutes(5),
        description="Irises",
        encryption_key=key,
        endpoint_name="iris",
        environment={"LEVEL": "info"},
        initial_instance_count=2,
        instance_type=InstanceType.M5_LARGE,
        model_package_group=ModelPackageGroup.from_model_package_group_name(stack, "Group", "irises"),
        network_isolation=True,
        smoke_test_gate=True,
        smoke_test_timeout=cdk.Duration.minutes(1),
    )

    (variant,) = only(stack, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    package = only(stack, "AWS::SageMaker::ModelPackage")
    model = only(stack, "AWS::SageMaker::Model")
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 300
    assert (variant["InitialInstanceCount"], variant["InstanceType"]) == (2, "ml.m5.large")
    assert only(stack, "AWS::SageMaker::EndpointConfig")["KmsKeyId"] == key.key_arn
    assert only(stack, "AWS::SageMaker::Endpoint")["EndpointName"] == "iris"
    assert model["PrimaryContainer"]["Environment"] == {"LEVEL": "info"}
    assert model["EnableNetworkIsolation"] is True
    assert (package["ModelApprovalStatus"], package["ModelPackageGroupName"]) == ("Approved", "irises")
    assert package["ModelPackageDescription"] == "Irises"
    assert package["InferenceSpecification"]["SupportedContentTypes"] == ["text/csv"]
    assert only(stack, "AWS::Lambda::Function")["Timeout"] == 60
    Template.from_stack(stack).resource_count_is("Custom::SmokeTest", 1)
    Template.from_stack(stack).resource_count_is("AWS::SageMaker::ModelPackageGroup", 0)


def full(scope: cdk.Stack) -> dict[str, Any]:
    """Return what a model has that is captured, scaled and deployed with care."""
    return {
        "data_capture": DataCapture(bucket=s3.Bucket.from_bucket_name(scope, "Bucket", "data"), prefix="captured"),
        "deployment": Deployment.blue_green_canary(canary_size=CapacitySize.percent(10)),
        "instance_type": InstanceType.M5_LARGE,
        "scaling": InvocationScaling(max_capacity=3, max_requests_per_second=10),
    }


def test_a_model_is_captured_scaled_and_deployed_with_care(inputs: Inputs, stack: cdk.Stack) -> None:
    hosted = inputs.hosted(stack, **full(stack))

    config, endpoint = only(stack, "AWS::SageMaker::EndpointConfig"), only(stack, "AWS::SageMaker::Endpoint")
    policy = only(stack, "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://data/captured"
    assert len(endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) == 2
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 300
    assert hosted.instance_count is not None


def test_a_model_is_hosted_without_instances(inputs: Inputs, stack: cdk.Stack) -> None:
    hosted = inputs.hosted(
        stack, serverless=Serverless(max_concurrency=5, memory_size_in_mb=2048, provisioned_concurrency=1)
    )

    (variant,) = only(stack, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MaxConcurrency": 5, "MemorySizeInMB": 2048, "ProvisionedConcurrency": 1}
    assert "InstanceType" not in variant
    assert hosted.instance_count is None


def test_fails_for_what_instances_have_where_there_are_none(inputs: Inputs, stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError) as failure:
        inputs.hosted(
            stack,
            container_startup_health_check_timeout=cdk.Duration.minutes(5),
            initial_instance_count=1,
            scaling=InvocationScaling(max_capacity=3, max_requests_per_second=10),
            serverless=Serverless(max_concurrency=5, memory_size_in_mb=2048),
        )

    assert [problem.split()[0] for problem in failure.value.problems] == [
        "container_startup_health_check_timeout",
        "initial_instance_count",
        "scaling",
    ]


def test_fails_for_no_instances_at_all(inputs: Inputs, stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="initial_instance_count must be at least 1 instances, got 0"):
        inputs.hosted(stack, initial_instance_count=0)


def test_the_registry_is_kept_unless_told_otherwise_or_the_deployment_that_made_it_fails(inputs: Inputs) -> None:
    def policies(template: dict[str, Any]) -> set[str]:
        kinds = ("AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::ModelPackage")
        return {entry["DeletionPolicy"] for entry in template["Resources"].values() if entry["Type"] in kinds}

    assert policies(synthesize(inputs)) == {"RetainExceptOnCreate"}
    assert policies(synthesize(inputs, removal_policy=cdk.RemovalPolicy.DESTROY)) == {"Delete"}


def test_no_action_is_a_wildcard_and_no_role_has_a_managed_policy(inputs: Inputs) -> None:
    template = json.dumps(synthesize(inputs))

    assert "AmazonSageMakerFullAccess" not in template
    assert "ManagedPolicyArns" not in template
    assert "s3:*" not in template


def test_only_what_takes_no_resource_names_all_resources(inputs: Inputs, stack: cdk.Stack) -> None:
    inputs.hosted(stack)

    assert sorted(entry["Action"][0] for entry in statements(stack) if entry["Resource"] == "*") == [
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
    ]


def test_a_stack_with_and_without_an_environment_passes_cdk_nag(inputs: Inputs) -> None:
    app = cdk.App(context={"@aws-cdk/core:failSynthOnValidationErrors": True})
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    inputs.hosted(cdk.Stack(app, "Agnostic"))
    inputs.hosted(
        cdk.Stack(app, "Explicit", env=cdk.Environment(account="111122223333", region="eu-central-1")),
        model_package_group=None,
    )
    scaled = cdk.Stack(app, "Scaled")
    inputs.hosted(scaled, **full(scaled))

    app.synth()


def test_what_a_user_adds_to_the_role_is_still_checked(inputs: Inputs) -> None:
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    hosted = inputs.hosted(cdk.Stack(app, "Stack"))
    hosted.model.add_to_role_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"]))

    with pytest.raises(RuntimeError, match=r"Role/DefaultPolicy/Resource.*\n.*AwsSolutions-IAM5\[Resource::\*\]"):
        app.synth()


def test_the_same_input_gives_the_same_template(inputs: Inputs) -> None:
    assert synthesize(inputs) == synthesize(inputs)


def test_a_changed_model_replaces_model_config_and_version_and_keeps_the_endpoint(inputs: Inputs) -> None:
    before = ids(synthesize(inputs))
    (inputs.model / "model.txt").write_text("Weights")
    after = ids(synthesize(inputs))

    assert {kind for kind in KINDS if before[kind] != after[kind]} == {
        "AWS::SageMaker::Model",
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::ModelPackage",
    }


def test_a_changed_image_replaces_model_and_config(inputs: Inputs) -> None:
    before = ids(synthesize(inputs))
    (inputs.context / "Dockerfile").write_text("FROM scratch\n")
    after = ids(synthesize(inputs))

    assert before["AWS::SageMaker::Model"] != after["AWS::SageMaker::Model"]
    assert before["AWS::SageMaker::EndpointConfig"] != after["AWS::SageMaker::EndpointConfig"]
    assert before["AWS::SageMaker::Endpoint"] == after["AWS::SageMaker::Endpoint"]


def test_a_changed_environment_variable_replaces_model_and_config(inputs: Inputs) -> None:
    before = ids(synthesize(inputs, environment={"LEVEL": "info"}))
    after = ids(synthesize(inputs, environment={"LEVEL": "debug"}))

    assert before["AWS::SageMaker::Model"] != after["AWS::SageMaker::Model"]
    assert before["AWS::SageMaker::EndpointConfig"] != after["AWS::SageMaker::EndpointConfig"]
    assert before["AWS::SageMaker::Endpoint"] == after["AWS::SageMaker::Endpoint"]


def test_a_changed_instance_count_replaces_the_config_alone(inputs: Inputs) -> None:
    before = ids(synthesize(inputs))
    after = ids(synthesize(inputs, initial_instance_count=2))

    assert {kind for kind in KINDS if before[kind] != after[kind]} == {"AWS::SageMaker::EndpointConfig"}


def test_a_changed_approval_keeps_the_version(inputs: Inputs) -> None:
    before = ids(synthesize(inputs))
    after = ids(synthesize(inputs, approval_status=ApprovalStatus.APPROVED))

    assert before == after


def test_what_must_not_be_replaced_keeps_its_logical_id(inputs: Inputs) -> None:
    template = synthesize(inputs)

    assert {
        kind: name for kind, name in ids(template).items() if kind.endswith(("::Endpoint", "Group", "Function"))
    } == {
        "AWS::SageMaker::Endpoint": "IrisEndpointE6008C15",
        "AWS::SageMaker::ModelPackageGroup": "IrisModelPackageGroup888F3916",
        "AWS::Lambda::Function": "IrisSmokeTestFunction7A0D4F19",
    }


def test_a_model_in_another_stack_is_found_by_the_endpoint(inputs: Inputs) -> None:
    app = cdk.App(analytics_reporting=False)
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    hosted = inputs.hosted(first)
    cdk.CfnOutput(second, "ModelName", value=hosted.model.model_name)
    assembly = Path(app.synth().directory)

    exports = json.loads((assembly / "First.template.json").read_text())["Outputs"]
    model = logical_id(first, "AWS::SageMaker::Model")
    imported = json.loads((assembly / "Second.template.json").read_text())["Outputs"]["ModelName"]
    assert {"Fn::GetAtt": [model, "ModelName"]} in [export["Value"] for export in exports.values()]
    assert imported["Value"]["Fn::ImportValue"] in [export["Export"]["Name"] for export in exports.values()]


def test_preflight_finds_nothing_wrong_with_what_the_library_makes(inputs: Inputs) -> None:
    app = cdk.App()
    stacks = {name: cdk.Stack(app, name) for name in ("Plain", "Full", "Serverless")}
    about = {"domain": ModelDomain.MACHINE_LEARNING, "task": ModelTask.CLASSIFICATION}
    inputs.hosted(stacks["Plain"], **about)
    inputs.hosted(stacks["Full"], **about, **full(stacks["Full"]), smoke_test_gate=True)
    inputs.hosted(stacks["Serverless"], **about, serverless=Serverless(max_concurrency=5, memory_size_in_mb=2048))
    assembly = Path(app.synth().directory)

    for name in stacks:
        assert check_file(assembly / f"{name}.template.json") == []


def test_one_key_is_for_everything(inputs: Inputs, stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    inputs.hosted(
        stack,
        async_inference=AsyncInference(
            input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out"
        ),
        data_capture=DataCapture(bucket=bucket, prefix="captured"),
        domain=ModelDomain.MACHINE_LEARNING,
        encryption_key=key,
        task=ModelTask.CLASSIFICATION,
        instance_type=InstanceType.M5_LARGE,
    )

    arn = stack.resolve(key.key_arn)
    found = only(stack, "AWS::SageMaker::EndpointConfig")
    assert found["KmsKeyId"] == arn
    assert found["DataCaptureConfig"]["KmsKeyId"] == arn
    assert found["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == arn
    allowed = {action for each in statements(stack) if each["Resource"] == arn for action in each["Action"]}
    assert allowed == {"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
    assert [finding.message for finding in check_template(Template.from_stack(stack).to_json())] == []


def test_a_place_keeps_the_key_that_it_has(inputs: Inputs, stack: cdk.Stack) -> None:
    own = kms.Key(stack, "Own")
    capture = DataCapture(
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "data"), prefix="captured", encryption_key=own
    )
    inputs.hosted(stack, data_capture=capture, encryption_key=kms.Key(stack, "Key"))

    found = only(stack, "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]["KmsKeyId"]
    assert found == stack.resolve(own.key_arn)


def test_local_disks_get_no_key_and_the_rest_does(inputs: Inputs, stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    capture = DataCapture(bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "data"), prefix="captured")
    inputs.hosted(stack, data_capture=capture, encryption_key=key, instance_type=InstanceType.G5_XLARGE)

    found = only(stack, "AWS::SageMaker::EndpointConfig")
    assert "KmsKeyId" not in found
    assert found["DataCaptureConfig"]["KmsKeyId"] == stack.resolve(key.key_arn)


def test_a_model_is_hosted_in_a_vpc(inputs: Inputs, stack: cdk.Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    hosted = inputs.hosted(stack, allow_all_outbound=False, vpc=vpc)

    assert hosted.model.connections.security_groups
    assert len(only(stack, "AWS::SageMaker::Model")["VpcConfig"]["Subnets"]) == 2


def test_a_queue_has_no_smoke_test(inputs: Inputs, stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    hosted = inputs.hosted(
        stack,
        async_inference=AsyncInference(
            input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out"
        ),
    )

    assert hosted.smoke_test is None
    Template.from_stack(stack).resource_count_is("AWS::Lambda::Function", 0)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("smoke_test_gate", True), ("scaling", InvocationScaling(max_capacity=2, max_requests_per_second=1))],
)
def test_fails_for_a_queue_with_what_needs_answers(
    inputs: Inputs, stack: cdk.Stack, argument: str, value: object
) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "data")
    queue = AsyncInference(input_bucket=bucket, input_prefix="in", output_bucket=bucket, output_prefix="out")

    with pytest.raises(ValidationError, match=f"{argument} must not be given together with async_inference"):
        inputs.hosted(stack, async_inference=queue, **{argument: value})


def test_every_role_takes_a_boundary_and_has_nothing_inline(inputs: Inputs) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    inputs.hosted(stack, vpc=vpc, instance_type=InstanceType.M5_LARGE, scaling=full(stack)["scaling"])
    config = EndpointConfig(stack, "Components")
    config.add_instance_production_variant(variant_name="main", instance_type=InstanceType.M5_LARGE)
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
    iam.PermissionsBoundary.of(app).apply(boundary)

    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    made = [role["Properties"] for role in roles if "sagemaker" in str(role) or "lambda" in str(role)]
    assert len(made) >= 3
    assert all("PermissionsBoundary" in role for role in made)
    assert not any("Policies" in role or "ManagedPolicyArns" in role or "RoleName" in role for role in made)


def test_the_registry_knows_what_inference_recommender_needs(inputs: Inputs, stack: cdk.Stack) -> None:
    inputs.hosted(
        stack,
        container_description=ContainerDescription(framework=ModelFramework.SCIKIT_LEARN, framework_version="1.9.1"),
        supported_realtime_inference_instance_types=[InstanceType.M5_LARGE, InstanceType.C5_LARGE],
        supported_transform_instance_types=[InstanceType.M5_LARGE],
    )
    specification = only(stack, "AWS::SageMaker::ModelPackage")["InferenceSpecification"]

    assert specification["Containers"][0]["Framework"] == "SAGEMAKER-SCIKIT-LEARN"
    assert specification["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.large", "ml.c5.large"]
    assert specification["SupportedTransformInstanceTypes"] == ["ml.m5.large"]


def test_the_description_of_a_version_can_change_without_another_group(inputs: Inputs, stack: cdk.Stack) -> None:
    inputs.hosted(stack, description="Irises")

    assert only(stack, "AWS::SageMaker::ModelPackage")["ModelPackageDescription"] == "Irises"
    assert "ModelPackageGroupDescription" not in only(stack, "AWS::SageMaker::ModelPackageGroup")


def test_fails_for_registered_types_that_the_image_does_not_run_on(inputs: Inputs, stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError) as error:
        inputs.hosted(
            stack,
            instance_type=InstanceType.of("ml.c7g.large"),
            supported_realtime_inference_instance_types=[InstanceType.M5_LARGE],
        )

    assert error.value.problems == (
        "supported_realtime_inference_instance_types must be of the architecture arm64, which the image has, "
        "got ml.m5.large",
    )
