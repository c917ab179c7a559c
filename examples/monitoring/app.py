"""Captures what an endpoint is asked and answers, and tells when it is no longer like the training data."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import (
    ContainerImage,
    DataCapture,
    DataQualityMonitor,
    EndpointMonitoring,
    HostedModel,
    InstanceType,
    ModelData,
    ModelDomain,
    ModelTask,
    MonitorInput,
    MonitorSchedule,
    S3File,
    SageMakerPreflight,
    SamplePayloads,
)

IRIS = Path(__file__).parents[2] / "models" / "iris"
app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Monitoring")
bucket = s3.Bucket(stack, "Data", enforce_ssl=True)
cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id="AwsSolutions-S1", reason="No access logs in an example."))
on_call = actions.SnsAction(sns.Topic(stack, "OnCall", enforce_ssl=True))
hosted = HostedModel(
    stack,
    "Iris",
    data_capture=DataCapture(bucket=bucket, prefix="captures", csv_content_types=["text/csv"]),
    domain=ModelDomain.MACHINE_LEARNING,
    image=ContainerImage.from_asset(IRIS.parents[1] / "container", build_args={"FRAMEWORK": "sklearn"}),
    instance_type=InstanceType.M5_LARGE,
    model_data=ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    payloads=SamplePayloads.from_directory(IRIS / "payloads"),
    task=ModelTask.CLASSIFICATION,
)
EndpointMonitoring(stack, "Answers", endpoint=hosted.endpoint, alarm_actions=[on_call])
monitor = DataQualityMonitor(
    stack,
    "Requests",
    baseline_constraints=S3File.from_bucket(bucket, "baseline/constraints.json"),
    baseline_statistics=S3File.from_bucket(bucket, "baseline/statistics.json"),
    monitored=MonitorInput.of_endpoint(hosted.endpoint),
    output_bucket=bucket,
    output_prefix="reports",
    schedule=MonitorSchedule.daily(hour=4),
)
drift = monitor.metric_baseline_drift("petal_length").create_alarm(stack, "Drift", evaluation_periods=1, threshold=0.2)
drift.add_alarm_action(on_call)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
app.synth()
