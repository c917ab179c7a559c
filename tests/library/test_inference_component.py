from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template
from cdk_nag import AwsSolutionsChecks

from library.templates import only, small_model, statement, statements
from sagemaker_hosting import (
    ComponentContainer,
    ComponentDeployment,
    ComponentPlacement,
    ComponentSpecification,
    ComputeRequirements,
    ContainerImage,
    CopyBatch,
    Endpoint,
    EndpointConfig,
    InferenceComponent,
    InstancePool,
    InstanceType,
    InvocationHttpResponseCode,
    ManagedInstanceScaling,
    Model,
    ModelData,
    PlacementStrategy,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from library.templates import Inputs

COMPONENT = "AWS::SageMaker::InferenceComponent"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
SMALL = ComputeRequirements(min_memory_in_mb=1024)
URI = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"
ARTIFACT = ModelData.from_asset(Path(__file__).parents[2] / "examples" / "model_data" / "model.tar.gz")


def endpoint(stack: cdk.Stack, *names: str, instance_type: InstanceType = InstanceType.G5_XLARGE) -> Endpoint:
    config = EndpointConfig(stack, "Config")
    for name in names or ("main",):
        config.add_instance_production_variant(
            variant_name=name,
            instance_type=instance_type,
            managed_instance_scaling=ManagedInstanceScaling(max_instance_count=2, min_instance_count=0),
        )
    return Endpoint(stack, "Endpoint", endpoint_config=config)


def component(stack: cdk.Stack, **arguments: Any) -> InferenceComponent:
    given = {"endpoint": arguments.get("endpoint") or endpoint(stack), **arguments}
    if "specifications" not in given and "specification" not in given:
        given["specification"] = ComponentSpecification(model=small_model(stack), compute=SMALL)
    return InferenceComponent(stack, "Iris", **given)


def container(**arguments: Any) -> ComponentSpecification:
    inside = {"image": ContainerImage.from_uri(URI), **arguments}
    return ComponentSpecification(container=ComponentContainer(**inside), compute=SMALL)


def findings(stack: cdk.Stack) -> list[Any]:
    return check_template(Template.from_stack(stack).to_json())


def test_a_model_is_placed_on_the_instances_of_the_endpoint(stack: cdk.Stack) -> None:
    component(stack)

    found = only(stack, COMPONENT)
    assert found["RuntimeConfig"] == {"CopyCount": 1}
    assert found["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 1024}
    assert found["Specification"]["ModelName"]["Fn::GetAtt"][1] == "ModelName"
    assert found["VariantName"] == "main"
    assert found["EndpointName"]["Fn::GetAtt"][1] == "EndpointName"
    assert found["InferenceComponentName"].startswith("stack-iris")
    assert findings(stack) == []


def test_every_option_is_rendered(stack: cdk.Stack) -> None:
    component(
        stack,
        copy_count=0,
        deployment=ComponentDeployment(
            maximum_batch_size=CopyBatch.percent(5),
            maximum_execution_timeout=cdk.Duration.hours(1),
            rollback_maximum_batch_size=CopyBatch.copies(1),
            wait_interval=cdk.Duration.seconds(0),
        ),
        inference_component_name="iris",
        specification=ComponentSpecification(
            compute=ComputeRequirements(
                min_memory_in_mb=128, accelerator_devices=1, cpu_cores=0.25, max_memory_in_mb=256
            ),
            container_startup_health_check_timeout=cdk.Duration.minutes(10),
            data_caching=False,
            model=small_model(stack),
            model_data_download_timeout=cdk.Duration.minutes(20),
            placement=ComponentPlacement(strategy=PlacementStrategy.SPREAD, max_imbalance=0),
        ),
        variant_name="main",
    )

    found = only(stack, COMPONENT)
    assert found["RuntimeConfig"] == {"CopyCount": 0}
    assert found["InferenceComponentName"] == "iris"
    assert found["DeploymentConfig"]["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 5},
        "MaximumExecutionTimeoutInSeconds": 3600,
        "RollbackMaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 0,
    }
    specification = found["Specification"]
    assert specification["ComputeResourceRequirements"] == {
        "MaxMemoryRequiredInMb": 256,
        "MinMemoryRequiredInMb": 128,
        "NumberOfAcceleratorDevicesRequired": 1,
        "NumberOfCpuCoresRequired": 0.25,
    }
    assert specification["StartupParameters"] == {
        "ContainerStartupHealthCheckTimeoutInSeconds": 600,
        "ModelDataDownloadTimeoutInSeconds": 1200,
    }
    assert specification["DataCacheConfig"] == {"EnableCaching": False}
    assert specification["SchedulingConfig"] == {
        "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 0},
        "PlacementStrategy": "SPREAD",
    }
    assert findings(stack) == []


def test_a_container_is_read_with_the_role_of_the_endpoint(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    component(
        stack,
        specification=container(
            artifact=ModelData.from_bucket(bucket, "iris.tar.gz"),
            environment={"LEVEL": ""},
            metrics_frequency=cdk.Duration.seconds(10),
            metrics_path="/metrics",
        ),
    )

    assert only(stack, COMPONENT)["Specification"]["Container"] == {
        "ArtifactUrl": "s3://models/iris.tar.gz",
        "ContainerMetricsConfig": {
            "MetricsEndpoints": [{"MetricPublishFrequencyInSeconds": 10, "MetricsEndpointPath": "/metrics"}]
        },
        "Environment": {"LEVEL": ""},
        "Image": URI,
    }
    assert statement(stack, "s3:GetObject")["Resource"]["Fn::Join"][1][-1] == ":s3:::models/iris.tar.gz"
    assert "ecr:BatchGetImage" in statement(stack, "ecr:BatchGetImage")["Action"]
    role = only(stack, "AWS::SageMaker::EndpointConfig")["ExecutionRoleArn"]["Fn::GetAtt"][0]
    for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values():
        assert {"Ref": role} in policy["Properties"]["Roles"]
    assert findings(stack) == []


def test_an_image_is_built_for_the_instances_of_the_endpoint(inputs: Inputs) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    component(
        stack,
        endpoint=endpoint(stack, instance_type=InstanceType.C7_G_LARGE),
        specification=container(image=inputs.image()),
    )
    manifest = json.loads((Path(app.synth().directory) / "Stack.assets.json").read_text())

    assert [image["source"]["platform"] for image in manifest["dockerImages"].values()] == ["linux/arm64"]


def test_the_role_of_the_endpoint_may_read_what_the_model_reads(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    model = Model(stack, "Model")
    model.add_container(image=ContainerImage.from_uri(URI), model_data=ModelData.from_prefix(bucket, "iris/"))
    component(stack, specification=ComponentSpecification(model=model, compute=SMALL))

    for action in ("ecr:BatchGetImage", "s3:GetObject", "ecr:GetAuthorizationToken"):
        assert len([each for each in statements(stack) if action in each["Action"]]) == 2
    assert findings(stack) == []


def test_a_component_passes_the_security_checks(inputs: Inputs) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    model = Model(stack, "Model")
    model.add_container(image=inputs.image(), model_data=ModelData.from_prefix(bucket, "iris/"))
    iris = component(stack, specification=ComponentSpecification(model=model, compute=SMALL))
    iris.auto_scale_copy_count(max_capacity=2, min_capacity=0)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


def test_every_role_may_write_the_logs_of_components(stack: cdk.Stack) -> None:
    component(stack)

    groups = [str(each["Resource"]) for each in statements(stack) if "logs:PutLogEvents" in each["Action"]]
    assert len([group for group in groups if "/aws/sagemaker/InferenceComponents/*" in group]) == 2


def test_an_adapter_waits_for_its_base_and_has_no_copies(stack: cdk.Stack) -> None:
    hosting = endpoint(stack)
    base = component(stack, endpoint=hosting)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    InferenceComponent(
        stack,
        "Adapter",
        endpoint=hosting,
        base_component=base,
        specification=ComponentSpecification(
            container=ComponentContainer(artifact=ModelData.from_bucket(bucket, "adapter.tar.gz"))
        ),
    )

    (adapter,) = (
        each
        for name, each in Template.from_stack(stack).find_resources(COMPONENT).items()
        if name.startswith("Adapter")
    )
    assert adapter["Properties"]["Specification"] == {
        "BaseInferenceComponentName": base.inference_component_name,
        "Container": {"ArtifactUrl": "s3://models/adapter.tar.gz"},
    }
    assert "RuntimeConfig" not in adapter["Properties"]
    assert any(name.startswith("Iris") for name in adapter["DependsOn"])
    assert findings(stack) == []


def test_each_type_of_instances_has_its_specification(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(
        variant_name="main",
        instance_pools=[
            InstancePool(instance_type=InstanceType.G6_XLARGE),
            InstancePool(instance_type=InstanceType.G5_XLARGE),
        ],
    )
    component(
        stack,
        endpoint=Endpoint(stack, "Endpoint", endpoint_config=config),
        specifications={InstanceType.G6_XLARGE: container(), InstanceType.G5_XLARGE: container()},
    )

    found = only(stack, COMPONENT)
    assert [each["InstanceType"] for each in found["Specifications"]] == ["ml.g6.xlarge", "ml.g5.xlarge"]
    assert "Specification" not in found
    assert findings(stack) == []


def test_copies_follow_requests(stack: cdk.Stack) -> None:
    copies = component(stack).auto_scale_copy_count(max_capacity=4)
    copies.scale_on_invocations("Invocations", max_requests_per_second=2, scale_in_cooldown=cdk.Duration.seconds(0))

    target = only(stack, TARGET)
    assert target["ResourceId"] == "inference-component/" + only(stack, COMPONENT)["InferenceComponentName"]
    assert target["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    policy = only(stack, POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert policy["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
    }
    assert (policy["TargetValue"], policy["ScaleInCooldown"]) == (60, 0)
    assert findings(stack) == []


def test_copies_follow_concurrent_requests_and_the_clock(stack: cdk.Stack) -> None:
    copies = component(stack).auto_scale_copy_count(max_capacity=4)
    copies.scale_on_concurrency("Concurrency", max_concurrent_requests=5)
    copies.scale_on_schedule("Night", schedule=autoscaling.Schedule.cron(hour="20", minute="0"), min_capacity=0)

    policy = only(stack, POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert policy["PredefinedMetricSpecification"]["PredefinedMetricType"] == (
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
    )
    (action,) = only(stack, TARGET)["ScheduledActions"]
    assert action["ScalableTargetAction"] == {"MinCapacity": 0}
    assert findings(stack) == []


def test_an_update_keeps_the_copies_that_scaling_has_made(stack: cdk.Stack) -> None:
    iris = component(stack, copy_count=2)
    iris.auto_scale_copy_count(max_capacity=4)

    template = Template.from_stack(stack)
    ((name, counted),) = template.find_resources("Custom::CopyCount").items()
    assert only(stack, COMPONENT)["RuntimeConfig"] == {"CopyCount": {"Fn::GetAtt": [name, "Count"]}}
    assert counted["Properties"]["ComponentName"] == iris.inference_component_name
    assert counted["Properties"]["InitialCount"] == 2
    found = statement(stack, "sagemaker:DescribeInferenceComponent")["Resource"]["Fn::Join"][1][-1]
    assert found == f":inference-component/{iris.inference_component_name}"
    assert only(stack, "AWS::Lambda::Function")["Handler"] == "copy_count.handler.handler"
    assert findings(stack) == []


@pytest.mark.parametrize(("memory", "changed"), [(1024, False), (2048, True)])
def test_copies_are_counted_whenever_the_component_changes(memory: int, changed: bool) -> None:
    digests = []
    for megabytes in (1024, memory):
        stack = cdk.Stack(cdk.App(), "Stack")
        compute = ComputeRequirements(min_memory_in_mb=megabytes)
        iris = component(stack, specification=ComponentSpecification(model=small_model(stack), compute=compute))
        iris.auto_scale_copy_count(max_capacity=2)
        digests.append(only(stack, "Custom::CopyCount")["Properties"])

    assert (digests[0] != digests[1]) is changed


def test_one_function_counts_for_all_components(stack: cdk.Stack) -> None:
    hosting = endpoint(stack)
    for name in ("One", "Two"):
        InferenceComponent(stack, name, endpoint=hosting, specification=container()).auto_scale_copy_count(
            max_capacity=2
        )

    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Function", 1)
    template.resource_count_is("Custom::CopyCount", 2)


def test_a_component_that_sleeps_is_woken_by_a_request_that_fails(stack: cdk.Stack) -> None:
    iris = component(stack)
    iris.auto_scale_copy_count(max_capacity=2, min_capacity=0)

    assert only(stack, TARGET)["MinCapacity"] == 0
    alarm = only(stack, "AWS::CloudWatch::Alarm")
    assert (alarm["MetricName"], alarm["Namespace"]) == ("NoCapacityInvocationFailures", "AWS/SageMaker")
    assert (alarm["Period"], alarm["Statistic"], alarm["Threshold"]) == (60, "Sum", 1)
    assert alarm["Dimensions"] == [{"Name": "InferenceComponentName", "Value": iris.inference_component_name}]
    steps = only(stack, POLICY)["StepScalingPolicyConfiguration"]
    assert steps["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    assert (steps["AdjustmentType"], steps["Cooldown"]) == ("ChangeInCapacity", 60)
    assert findings(stack) == []


def test_many_components_of_one_endpoint_scale_side_by_side(stack: cdk.Stack) -> None:
    hosting = endpoint(stack)
    for index in range(20):
        made = InferenceComponent(
            stack,
            f"Component{index}",
            endpoint=hosting,
            specification=ComponentSpecification(model=Model.from_model_name(stack, f"M{index}", "m"), compute=SMALL),
        )
        made.auto_scale_copy_count(max_capacity=2, min_capacity=0).scale_on_concurrency(
            "Concurrency", max_concurrent_requests=2
        )

    targets = Template.from_stack(stack).find_resources(TARGET).values()
    assert len({target["Properties"]["ResourceId"] for target in targets}) == 20
    assert findings(stack) == []


def test_the_scaling_waits_for_the_component(stack: cdk.Stack) -> None:
    component(stack).auto_scale_copy_count(max_capacity=2)

    (name,) = Template.from_stack(stack).find_resources(COMPONENT)
    Template.from_stack(stack).has_resource(TARGET, {"DependsOn": Match.array_with([name])})


def test_an_update_is_taken_back_by_the_alarms_given(stack: cdk.Stack) -> None:
    alarm = small_alarm(stack)
    component(stack, deployment=ComponentDeployment(maximum_batch_size=CopyBatch.copies(1), alarms=[alarm]))

    (found,) = only(stack, COMPONENT)["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert found["AlarmName"] == stack.resolve(alarm.alarm_name)
    assert statement(stack, "cloudwatch:DescribeAlarms")["Resource"] == stack.resolve(alarm.alarm_arn)
    Template.from_stack(stack).has_resource(
        COMPONENT, {"DependsOn": Match.array_with([Match.string_like_regexp("IrisAlarmPolicy")])}
    )


def small_alarm(stack: cdk.Stack) -> Any:
    metric = InferenceComponent.from_inference_component_name(stack, "Imported", "iris").metric_invocations()
    return metric.create_alarm(stack, "Alarm", evaluation_periods=1, threshold=1)


@pytest.mark.parametrize(
    ("method", "namespace", "name", "statistic"),
    [
        ("metric_invocations", "AWS/SageMaker", "Invocations", "Sum"),
        ("metric_invocations_per_copy", "AWS/SageMaker", "InvocationsPerCopy", "Sum"),
        ("metric_concurrent_requests_per_copy", "AWS/SageMaker", "ConcurrentRequestsPerCopy", "Maximum"),
        ("metric_no_capacity_invocation_failures", "AWS/SageMaker", "NoCapacityInvocationFailures", "Sum"),
        ("metric_model_latency", "AWS/SageMaker", "ModelLatency", "Average"),
        ("metric_overhead_latency", "AWS/SageMaker", "OverheadLatency", "Average"),
        ("metric_cpu_utilization", "/aws/sagemaker/InferenceComponents", "CPUUtilizationNormalized", "Average"),
        ("metric_gpu_utilization", "/aws/sagemaker/InferenceComponents", "GPUUtilizationNormalized", "Average"),
        (
            "metric_gpu_memory_utilization",
            "/aws/sagemaker/InferenceComponents",
            "GPUMemoryUtilizationNormalized",
            "Average",
        ),
        ("metric_memory_utilization", "/aws/sagemaker/InferenceComponents", "MemoryUtilizationNormalized", "Average"),
    ],
)
def test_metrics_are_those_of_the_component(
    stack: cdk.Stack, method: str, namespace: str, name: str, statistic: str
) -> None:
    imported = InferenceComponent.from_inference_component_name(stack, "Imported", "iris")

    metric = getattr(imported, method)(period=cdk.Duration.minutes(1))
    assert (metric.namespace, metric.metric_name, metric.statistic) == (namespace, name, statistic)
    assert metric.dimensions == {"InferenceComponentName": "iris"}
    assert metric.period.to_seconds() == 60


def test_failures_are_counted_by_their_kind(stack: cdk.Stack) -> None:
    imported = InferenceComponent.from_inference_component_name(stack, "Imported", "iris")

    metric = imported.metric_invocation_response_code(InvocationHttpResponseCode.INVOCATION_5XX_ERRORS)
    assert metric.metric_name == "Invocation5XXErrors"
    assert imported.metric("AWS/SageMaker", "MidStreamErrors").metric_name == "MidStreamErrors"


def test_a_caller_needs_the_right_to_endpoint_and_component(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    iris = component(stack)
    iris.grant_invoke(role)
    iris.grant_describe(role)

    assert len(statement(stack, "sagemaker:InvokeEndpoint")["Resource"]) == 2
    assert statement(stack, "sagemaker:InvokeEndpoint")["Action"] == [
        "sagemaker:InvokeEndpoint",
        "sagemaker:InvokeEndpointWithResponseStream",
    ]
    found = statement(stack, "sagemaker:DescribeInferenceComponent")["Resource"]
    assert found == stack.resolve(iris.inference_component_arn)


def test_an_imported_component_is_granted_with_its_endpoint(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    arn = "arn:aws:sagemaker:eu-central-1:111122223333:{}/iris"
    hosting = Endpoint.from_endpoint_arn(stack, "Endpoint", arn.format("endpoint"))
    imported = InferenceComponent.from_inference_component_attributes(
        stack, "Iris", inference_component_arn=arn.format("inference-component"), endpoint=hosting
    )
    imported.grant_invoke(role)

    assert statement(stack, "sagemaker:InvokeEndpoint")["Resource"] == [
        arn.format("endpoint"),
        arn.format("inference-component"),
    ]
    assert imported.inference_component_name == "iris"


def test_a_component_runs_on_an_imported_endpoint(stack: cdk.Stack) -> None:
    component(
        stack,
        endpoint=Endpoint.from_endpoint_name(stack, "Endpoint", "shared"),
        specification=container(),
        variant_name="main",
    )

    assert only(stack, COMPONENT)["EndpointName"] == "shared"
    assert findings(stack) == []


def test_fails_to_grant_an_imported_component_without_its_endpoint(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:111122223333:inference-component/iris"
    imported = InferenceComponent.from_inference_component_arn(stack, "Iris", arn)

    with pytest.raises(ValidationError, match="endpoint must be given to InferenceComponent"):
        imported.grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal()))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"copy_count": -1}, "copy_count must be at least 0 copies, got -1"),
        ({"inference_component_name": ""}, "inference_component_name must be 1 to 63 letters"),
        ({"specification": None}, "specification or specifications must be given, and only one of them"),
        ({"specifications": {}}, "specifications must be 1 to 5 instance types, got 0"),
        (
            {"specifications": {InstanceType.M5_LARGE: container()}},
            "for instance types of the variant, got ml",
        ),
        ({"variant_name": "other"}, r"variant_name must be one of \['main'\], got 'other'"),
        ({"variant_name": ""}, r"variant_name must be one of \['main'\], got ''"),
        (
            {"specification": ComponentSpecification(container=ComponentContainer(image=ContainerImage.from_uri(URI)))},
            "compute must be given, got none",
        ),
        (
            {"specification": container(image=None, artifact=ARTIFACT)},
            "image must be given for the container",
        ),
    ],
)
def test_fails_for_a_component_that_sagemaker_refuses(
    stack: cdk.Stack, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        component(stack, **arguments)


def test_fails_for_a_variant_among_several_that_is_not_named(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="variant_name must be given for an endpoint of 2 variants, got none"):
        component(stack, endpoint=endpoint(stack, "one", "two"))


def test_fails_on_an_endpoint_of_models(stack: cdk.Stack) -> None:
    config = EndpointConfig(stack, "Config")
    model = small_model(stack)
    config.add_instance_production_variant(model=model, variant_name="main")

    with pytest.raises(ValidationError, match="endpoint must have variants on instances without models, got none"):
        component(
            stack,
            endpoint=Endpoint(stack, "Endpoint", endpoint_config=config),
            specification=ComponentSpecification(model=model, compute=SMALL),
        )


def test_fails_for_a_model_that_was_built_for_other_instances(inputs: Inputs, stack: cdk.Stack) -> None:
    model = Model(stack, "Model")
    model.add_container(image=inputs.image())

    with pytest.raises(ValidationError, match=r"model must have an image for arm64, which ml\.c7g\.large runs"):
        component(
            stack,
            endpoint=endpoint(stack, instance_type=InstanceType.C7_G_LARGE),
            specification=ComponentSpecification(model=model, compute=SMALL),
        )


def test_fails_for_an_adapter_with_what_its_base_has(stack: cdk.Stack) -> None:
    base = InferenceComponent.from_inference_component_name(stack, "Base", "base")

    with pytest.raises(ValidationError) as caught:
        component(stack, base_component=base, copy_count=0, specification=container())
    assert [problem.split(" must")[0] for problem in caught.value.problems] == ["copy_count", "compute", "image"]


def test_fails_to_scale_an_adapter_or_to_scale_twice(stack: cdk.Stack) -> None:
    hosting = endpoint(stack)
    base = component(stack, endpoint=hosting)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")
    adapter = InferenceComponent(
        stack,
        "Adapter",
        endpoint=hosting,
        base_component=base,
        specification=ComponentSpecification(
            container=ComponentContainer(artifact=ModelData.from_bucket(bucket, "adapter.tar.gz"))
        ),
    )
    base.auto_scale_copy_count(max_capacity=2)

    with pytest.raises(ValidationError, match="base_component must not be given for a component to be scaled"):
        adapter.auto_scale_copy_count(max_capacity=2)
    with pytest.raises(ValidationError, match="the component must be scaled only once"):
        base.auto_scale_copy_count(max_capacity=2)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"max_capacity": 0}, "max_capacity must be at least 1 as a capacity, got 0"),
        ({"max_capacity": 1, "min_capacity": -1}, "min_capacity must be at least 0 as a capacity, got -1"),
        ({"max_capacity": 1, "min_capacity": 2}, r"min_capacity must be at most max_capacity \(1\), got 2"),
    ],
)
def test_fails_for_a_range_of_copies_that_is_none(stack: cdk.Stack, arguments: dict[str, int], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        component(stack).auto_scale_copy_count(**arguments)


def test_fails_for_fewer_copies_than_there_are_at_first(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"max_capacity must be at least copy_count \(3\), got 2"):
        component(stack, copy_count=3).auto_scale_copy_count(max_capacity=2, min_capacity=0)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"min_memory_in_mb": 0}, "min_memory_in_mb must be at least 128 MB, got 0"),
        ({"accelerator_devices": 0}, "accelerator_devices must be at least 1 devices, got 0"),
        ({"cpu_cores": 0}, "cpu_cores must be at least 0.25 processors, got 0"),
        ({"max_memory_in_mb": 512}, r"min_memory_in_mb must be at most max_memory_in_mb \(512\), got 1024"),
    ],
)
def test_fails_for_a_share_that_no_instance_has(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ComputeRequirements(**{"min_memory_in_mb": 1024, **arguments})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "image or artifact must be given, got neither"),
        ({"artifact": ARTIFACT, "metrics_path": ""}, "metrics_path must be a path such as '/metrics'"),
        ({"artifact": ARTIFACT, "metrics_path": "/a/../b"}, "metrics_path must be a path such as '/metrics'"),
        (
            {"artifact": ARTIFACT, "metrics_frequency": cdk.Duration.seconds(60)},
            "metrics_path must be given together with metrics_frequency",
        ),
        ({"artifact": ARTIFACT, "environment": {"": "1"}}, "environment names must be letters"),
    ],
)
def test_fails_for_a_container_that_sagemaker_refuses(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ComponentContainer(**arguments)


def test_fails_for_an_artifact_that_is_no_archive(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models")

    with pytest.raises(ValidationError, match="artifact must be an archive, got a prefix"):
        component(stack, specification=container(artifact=ModelData.from_prefix(bucket, "iris/")))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"maximum_batch_size": CopyBatch.percent(0)}, "maximum_batch_size must be 5 to 50 percent, got 0"),
        ({"maximum_batch_size": CopyBatch.copies(0)}, "maximum_batch_size must be at least 1 copies, got 0"),
        ({"rollback_maximum_batch_size": CopyBatch.percent(0)}, "must be 1 to 100 percent, got 0"),
        ({"wait_interval": cdk.Duration.hours(2)}, "wait_interval must be 0 to 3600 seconds, got 7200"),
        ({"maximum_execution_timeout": cdk.Duration.seconds(0)}, "must be 600 to 28800 seconds, got 0"),
    ],
)
def test_fails_for_a_deployment_that_sagemaker_refuses(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ComponentDeployment(**{"maximum_batch_size": CopyBatch.copies(1), **arguments})


def test_fails_for_a_specification_of_two_kinds_or_none(stack: cdk.Stack) -> None:
    for arguments in (
        {},
        {"model": small_model(stack), "container": ComponentContainer(image=ContainerImage.from_uri(URI))},
    ):
        with pytest.raises(ValidationError, match="model or container must be given, and only one of them"):
            ComponentSpecification(compute=SMALL, **arguments)  # type: ignore[arg-type]
