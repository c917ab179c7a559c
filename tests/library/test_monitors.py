"""What the four kinds of monitors deploy, and what their jobs may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from library.monitor_examples import (
    MONITORS,
    bucket,
    data_quality,
    endpoint,
    model_bias,
    model_explainability,
    model_quality,
)
from library.templates import only, statement, statements
from sagemaker_hosting import (
    BiasStage,
    ContainerImage,
    DataCapture,
    DatasetFormat,
    Endpoint,
    InputAttributes,
    InstanceType,
    JobNetwork,
    MonitorInput,
    MonitorJobs,
    MonitorSchedule,
    S3File,
    SageMakerPreflight,
    ValidationError,
)
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from pathlib import Path

    from sagemaker_hosting import ModelBiasMonitor

Make = Callable[..., Any]
KINDS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
each_kind = pytest.mark.parametrize(("make", "kind"), list(zip(MONITORS, KINDS, strict=True)), ids=KINDS)


def definition(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    return only(stack, f"AWS::SageMaker::{kind}JobDefinition")


def schedule(stack: cdk.Stack) -> dict[str, Any]:
    found: dict[str, Any] = only(stack, "AWS::SageMaker::MonitoringSchedule")["MonitoringScheduleConfig"]
    return found


@each_kind
def test_a_schedule_runs_the_job_definition_of_its_kind_every_hour(stack: cdk.Stack, make: Make, kind: str) -> None:
    make(stack)

    found = schedule(stack)
    assert found["MonitoringType"] == kind
    assert found["ScheduleConfig"] == {"ScheduleExpression": "cron(0 * ? * * *)"}
    (logical_id,) = Template.from_stack(stack).find_resources(f"AWS::SageMaker::{kind}JobDefinition")
    arn = {"Fn::GetAtt": [logical_id, "JobDefinitionArn"]}
    assert found["MonitoringJobDefinitionName"] == {"Fn::Select": [1, {"Fn::Split": ["/", arn]}]}


@each_kind
def test_a_monitor_reads_what_the_endpoint_captures_and_nothing_else_of_the_bucket(
    stack: cdk.Stack, make: Make, kind: str
) -> None:
    make(stack)

    captured = definition(stack, kind)[f"{kind}JobInput"]["EndpointInput"]
    assert captured["LocalPath"] == "/opt/ml/processing/input/endpoint"
    assert "EndpointName" in captured
    text = json.dumps([found["Resource"] for found in statements(stack) if "s3:GetObject" in found["Action"]])
    assert "data/captures/iris/*" in text
    assert 'data/*"' not in text
    listed = [
        found["Condition"]["StringLike"]["s3:prefix"]
        for found in statements(stack)
        if "s3:ListBucket" in found["Action"]
    ]
    assert "captures/iris/*" in listed


@each_kind
def test_a_job_ends_before_the_next_one_begins(stack: cdk.Stack, make: Make, kind: str) -> None:
    make(stack)

    expected = 3600 if kind in ("DataQuality", "ModelExplainability") else 1800
    assert definition(stack, kind)["StoppingCondition"] == {"MaxRuntimeInSeconds": expected}


@each_kind
def test_fails_when_an_hourly_job_may_take_longer_than_its_kind_allows(stack: cdk.Stack, make: Make, kind: str) -> None:
    del kind
    with pytest.raises(ValidationError, match=r"jobs\.max_runtime must be 1 to (3600|1800) seconds, got 3601"):
        make(stack, jobs=MonitorJobs(max_runtime=cdk.Duration.seconds(3601)))


@each_kind
def test_a_daily_job_may_take_longer(stack: cdk.Stack, make: Make, kind: str) -> None:
    make(stack, schedule=MonitorSchedule.daily(), jobs=MonitorJobs(max_runtime=cdk.Duration.hours(5)))

    assert definition(stack, kind)["StoppingCondition"] == {"MaxRuntimeInSeconds": 18000}


@each_kind
def test_neither_preflight_nor_nag_has_anything_to_say(make: Make, kind: str) -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    make(stack)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())

    app.synth()

    template = Template.from_stack(stack).to_json()
    assert definition(stack, kind)["RoleArn"]
    assert check_template(template, region="eu-central-1") == []


@each_kind
def test_the_image_is_that_of_aws_in_the_region_and_the_only_one_that_can_be_pulled(make: Make, kind: str) -> None:
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    make(stack)

    images = {
        "DataQuality": "048819808253 sagemaker-model-monitor-analyzer:latest",
        "ModelQuality": "048819808253 sagemaker-model-monitor-analyzer:latest",
        "ModelBias": "017069133835 sagemaker-clarify-processing:1.0",
        "ModelExplainability": "017069133835 sagemaker-clarify-processing:1.0",
    }
    account, name = images[kind].split()
    uri = json.dumps(definition(stack, kind)[f"{kind}AppSpecification"]["ImageUri"])
    assert f"{account}.dkr.ecr.eu-central-1." in uri
    assert uri.count(name) == 1
    pulled = json.dumps([found["Resource"] for found in statements(stack) if "ecr:BatchGetImage" in found["Action"]])
    assert f":{account}:repository/{name.split(':')[0]}" in pulled


def test_an_image_of_ones_own_takes_the_place_of_that_of_aws(stack: cdk.Stack) -> None:
    image = ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/monitor:3")
    data_quality(stack, jobs=MonitorJobs(image=image))

    uri = definition(stack, "DataQuality")["DataQualityAppSpecification"]["ImageUri"]
    assert uri == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/monitor:3"


@each_kind
def test_metrics_may_be_put_into_the_namespaces_of_sagemaker_alone(stack: cdk.Stack, make: Make, kind: str) -> None:
    make(stack)

    namespaces = [
        found["Condition"]["StringLike"]["cloudwatch:namespace"]
        for found in statements(stack)
        if "cloudwatch:PutMetricData" in found["Action"]
    ]
    assert ["/aws/sagemaker/*", "aws/sagemaker/*"] in namespaces
    environment = definition(stack, kind)[f"{kind}AppSpecification"]["Environment"]
    assert environment == {"publish_cloudwatch_metrics": "Enabled"}


def test_metrics_can_be_left_out(stack: cdk.Stack) -> None:
    data_quality(stack, jobs=MonitorJobs(publish_metrics=False, environment={"A": "1"}))

    environment = definition(stack, "DataQuality")["DataQualityAppSpecification"]["Environment"]
    assert environment == {"A": "1", "publish_cloudwatch_metrics": "Disabled"}


def test_baseline_and_scripts_are_uploaded_and_can_be_read(stack: cdk.Stack, tmp_path: Path) -> None:
    files = {}
    for name in ("statistics.json", "preprocess.py"):
        (tmp_path / name).write_text(name)
        files[name] = S3File.from_asset(tmp_path / name)
    data_quality(
        stack,
        baseline_constraints=S3File.from_bucket(bucket(stack), "baseline/constraints.json"),
        baseline_statistics=files["statistics.json"],
        record_preprocessor=files["preprocess.py"],
    )

    found = definition(stack, "DataQuality")
    baseline = found["DataQualityBaselineConfig"]
    assert baseline["ConstraintsResource"] == {"S3Uri": "s3://data/baseline/constraints.json"}
    assert "S3Uri" in baseline["StatisticsResource"]
    assert ".py" in json.dumps(found["DataQualityAppSpecification"]["RecordPreprocessorSourceUri"])
    readable = json.dumps([entry["Resource"] for entry in statements(stack) if "s3:GetObject" in entry["Action"]])
    assert "data/baseline/constraints.json" in readable
    assert readable.count(".json") == 2
    assert ".py" in readable


def test_batches_are_read_where_transform_jobs_capture_them(stack: cdk.Stack) -> None:
    monitored = MonitorInput.of_batch_transform(
        bucket(stack), "captures/batch", dataset_format=DatasetFormat.csv(header=True)
    )
    data_quality(stack, monitored=monitored)

    assert definition(stack, "DataQuality")["DataQualityJobInput"] == {
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": "s3://data/captures/batch",
            "DatasetFormat": {"Csv": {"Header": True}},
            "LocalPath": "/opt/ml/processing/input/batch",
        }
    }


@pytest.mark.parametrize(
    ("dataset_format", "described"),
    [
        (DatasetFormat.csv(), {"Csv": {"Header": False}}),
        (DatasetFormat.json(), {"Json": {"Line": True}}),
        (DatasetFormat.parquet(), {"Parquet": True}),
    ],
)
def test_batches_have_a_format(stack: cdk.Stack, dataset_format: DatasetFormat, described: dict[str, Any]) -> None:
    monitored = MonitorInput.of_batch_transform(bucket(stack), "batch", dataset_format=dataset_format)
    model_quality(stack, monitored=monitored)

    job_input = definition(stack, "ModelQuality")["ModelQualityJobInput"]
    assert job_input["BatchTransformInput"]["DatasetFormat"] == described


def test_records_are_found_by_their_attributes(stack: cdk.Stack) -> None:
    attributes = InputAttributes(
        end_offset=cdk.Duration.hours(1),
        features="features",
        inference="0",
        probability="1",
        probability_threshold=0.0,
        start_offset=cdk.Duration.days(1),
    )
    model_bias(stack, monitored=MonitorInput.of_endpoint(endpoint(stack), attributes=attributes))

    found = definition(stack, "ModelBias")["ModelBiasJobInput"]
    assert found["GroundTruthS3Input"] == {"S3Uri": "s3://data/truth"}
    expected = {
        "EndTimeOffset": "-PT1H",
        "FeaturesAttribute": "features",
        "InferenceAttribute": "0",
        "ProbabilityAttribute": "1",
        "ProbabilityThresholdAttribute": 0,
        "StartTimeOffset": "-P1D",
    }
    assert expected.items() <= found["EndpointInput"].items()


def test_fails_when_a_kind_of_monitor_does_not_take_an_attribute(stack: cdk.Stack) -> None:
    monitored = MonitorInput.of_endpoint(endpoint(stack), attributes=InputAttributes(inference="0"))
    with pytest.raises(ValidationError, match=r"attributes\.inference must not be given: .* takes exclude_features"):
        data_quality(stack, monitored=monitored)


def test_fails_when_the_endpoint_captures_nothing(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="endpoint must capture data"):
        MonitorInput.of_endpoint(endpoint(stack, captures=False))


def test_an_imported_endpoint_needs_to_be_told_what_it_captures(stack: cdk.Stack) -> None:
    imported = Endpoint.from_endpoint_name(stack, "Imported", "iris")
    with pytest.raises(ValidationError, match="or data_capture here where the configuration was imported"):
        MonitorInput.of_endpoint(imported)

    capture = DataCapture(bucket=bucket(stack), prefix="elsewhere")
    data_quality(stack, monitored=MonitorInput.of_endpoint(imported, data_capture=capture))

    assert definition(stack, "DataQuality")["DataQualityJobInput"]["EndpointInput"]["EndpointName"] == "iris"


def test_jobs_are_encrypted_and_connected_as_told(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    jobs = MonitorJobs(
        encrypt_traffic=True,
        encryption_key=key,
        instance_count=2,
        instance_type=InstanceType.M5_4_XLARGE,
        network=JobNetwork(vpc=ec2.Vpc(stack, "Vpc")),
        network_isolation=True,
        volume_size_in_gb=50,
    )
    data_quality(stack, jobs=jobs, output_encryption_key=key)

    found = definition(stack, "DataQuality")
    cluster = found["JobResources"]["ClusterConfig"]
    assert (cluster["InstanceCount"], cluster["InstanceType"], cluster["VolumeSizeInGB"]) == (2, "ml.m5.4xlarge", 50)
    assert "VolumeKmsKeyId" in cluster
    assert "KmsKeyId" in found["DataQualityJobOutputConfig"]
    network = found["NetworkConfig"]
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert network["EnableNetworkIsolation"] is True
    assert len(network["VpcConfig"]["Subnets"]) == 2
    assert statement(stack, "kms:CreateGrant")["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_the_captured_data_of_an_encrypted_endpoint_can_be_decrypted(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    data = s3.Bucket(stack, "Encrypted", encryption_key=kms.Key(stack, "BucketKey"))
    monitored = MonitorInput.of_batch_transform(
        data, "batch", dataset_format=DatasetFormat.parquet(), encryption_key=key
    )
    data_quality(stack, monitored=monitored)

    decrypted = json.dumps([found["Resource"] for found in statements(stack) if found["Action"] == ["kms:Decrypt"]])
    assert "BucketKey" in decrypted
    assert decrypted.count('"Arn"') == 2


def test_clarify_may_make_its_own_endpoints_and_no_others(stack: cdk.Stack) -> None:
    model_explainability(stack)

    made = [
        json.dumps(entry["Resource"]) for entry in statements(stack) if "sagemaker:CreateEndpoint" in entry["Action"]
    ]
    assert len(made) == 2
    assert ":endpoint/sm-clarify-*" in "".join(made)
    assert ":endpoint-config/sm-clarify-config*" in "".join(made)
    assert "*" not in json.dumps(statement(stack, "sagemaker:DescribeModel")["Resource"])


def test_fails_when_explaining_jobs_are_cut_off_from_the_endpoint_they_make(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"jobs\.network_isolation must be False"):
        model_explainability(stack, jobs=MonitorJobs(network_isolation=True))


@pytest.mark.parametrize(
    ("make", "merges"),
    [(data_quality, False), (model_quality, True), (model_bias, True), (model_explainability, False)],
)
def test_what_was_merged_with_the_truth_can_be_read_again(stack: cdk.Stack, make: Make, merges: bool) -> None:
    make(stack)

    listed = [
        found["Condition"]["StringLike"]["s3:prefix"]
        for found in statements(stack)
        if "s3:ListBucket" in found["Action"]
    ]
    assert ("reports/*" in listed, "truth/*" in listed) == (merges, merges)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (MonitorSchedule.daily(), "cron(0 0 ? * * *)"),
        (MonitorSchedule.daily(hour=23), "cron(0 23 ? * * *)"),
        (MonitorSchedule.every_hours(6), "cron(0 0/6 ? * * *)"),
        (MonitorSchedule.every_hours(4, starting_at=2), "cron(0 2/4 ? * * *)"),
    ],
)
def test_a_schedule_has_one_of_the_forms_that_sagemaker_takes(
    stack: cdk.Stack, when: MonitorSchedule, expected: str
) -> None:
    data_quality(stack, schedule=when)

    assert schedule(stack)["ScheduleConfig"] == {"ScheduleExpression": expected}
    assert check_template(Template.from_stack(stack).to_json(), region="eu-central-1") == []


def test_a_single_run_says_which_data_it_reads(stack: cdk.Stack) -> None:
    data_quality(stack, schedule=MonitorSchedule.once(window_start=cdk.Duration.hours(3)))

    assert schedule(stack)["ScheduleConfig"] == {
        "DataAnalysisEndTime": "-PT0S",
        "DataAnalysisStartTime": "-PT3H",
        "ScheduleExpression": "NOW",
    }


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: MonitorSchedule.daily(hour=24), "hour must be 0 to 23"),
        (lambda: MonitorSchedule.every_hours(0), "hours must be 1 to 24 hours, got 0"),
        (lambda: MonitorSchedule.every_hours(2, starting_at=-1), "starting_at must be 0 to 23"),
        (lambda: MonitorSchedule.once(window_start=cdk.Duration.hours(25)), "must be 1 to 86400 seconds, got 90000"),
        (lambda: MonitorJobs(instance_count=0), "instance_count must be 1 to 100 instances, got 0"),
        (lambda: MonitorJobs(volume_size_in_gb=0), "volume_size_in_gb must be 1 to 16384 GB, got 0"),
        (lambda: MonitorJobs(instance_type=InstanceType.INF1_XLARGE), "types that SageMaker offers for processing"),
        (lambda: MonitorJobs(environment={"publish_cloudwatch_metrics": "x"}), "which publish_metrics sets"),
        (lambda: InputAttributes(probability_threshold=1.5), "probability_threshold must be 0 to 1"),
        (
            lambda: InputAttributes(exclude_features=["x" * 101]),
            "exclude_features must be 0 to 100 characters, got 101",
        ),
    ],
)
def test_fails_when_a_value_is_outside_its_limits(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        call()


def test_fails_when_a_folder_is_not_one(stack: cdk.Stack) -> None:
    monitored = MonitorInput.of_endpoint(endpoint(stack))
    with pytest.raises(ValidationError, match="ground_truth_prefix must be a folder"):
        model_quality(stack, monitored=monitored, ground_truth_prefix="truth/")


def test_metrics_are_measured_of_the_endpoint_and_the_schedule(stack: cdk.Stack) -> None:
    monitor = data_quality(stack)
    metric = monitor.metric_baseline_drift("petal_length")

    assert metric.namespace == "aws/sagemaker/Endpoints/data-metrics"
    assert metric.metric_name == "feature_baseline_drift_petal_length"
    assert metric.dimensions is not None
    assert metric.dimensions["MonitoringSchedule"] == monitor.schedule_name
    assert "Endpoint" in metric.dimensions
    assert only(stack, "AWS::SageMaker::MonitoringSchedule")["MonitoringScheduleName"] == monitor.schedule_name
    names = (monitor.metric_completeness("a").metric_name, monitor.metric_feature("a").metric_name)
    assert names == ("feature_non_null_a", "feature_data_a")


def test_metrics_of_batches_have_no_endpoint(stack: cdk.Stack) -> None:
    monitored = MonitorInput.of_batch_transform(bucket(stack), "batch", dataset_format=DatasetFormat.json())
    metric = model_quality(stack, monitored=monitored).metric_quality("rmse")

    assert metric.namespace == "aws/sagemaker/ModelMonitoring/model-metrics"
    assert metric.dimensions is not None
    assert set(metric.dimensions) == {"MonitoringSchedule"}


def test_bias_is_measured_of_a_group(stack: cdk.Stack) -> None:
    monitor: ModelBiasMonitor = model_bias(stack)
    metric = monitor.metric_bias(
        "DPPL", facet="age", facet_value="[40]", stage=BiasStage.POST_TRAINING, target="loan", target_value="1"
    )

    assert metric.namespace == "aws/sagemaker/Endpoints/bias-metrics"
    assert metric.metric_name == "bias_metric_DPPL"
    expected = {"BiasStage": "Post-Training", "Facet": "age", "FacetValue": "[40]", "Label": "loan", "LabelValue": "1"}
    assert metric.dimensions is not None
    assert expected.items() <= dict(metric.dimensions).items()


def test_attributions_are_measured_of_a_feature(stack: cdk.Stack) -> None:
    metric = model_explainability(stack).metric_attribution("age", target="label0")

    assert metric.namespace == "aws/sagemaker/Endpoints/explainability-metrics"
    assert metric.metric_name == "feature_age"
    assert metric.dimensions is not None
    assert metric.dimensions["ValueType"] == "GlobalShapValues"
