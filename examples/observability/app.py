"""What a person on call wants: alarms to a topic, one dashboard, and a sample of requests and answers to look into.

Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/observability/app.py"``, and subscribe to the topic.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Observability")
bucket = s3.Bucket(
    stack,
    "Captured",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
    lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(90))],
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
hosted = hosting.HostedModel(
    stack,
    "Irises",
    image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
    model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    payloads=hosting.SamplePayloads.from_directory(IRIS / "payloads"),
    domain=hosting.ModelDomain.MACHINE_LEARNING,
    task=hosting.ModelTask.CLASSIFICATION,
    instance_type=hosting.InstanceType.M5_LARGE,
    data_capture=hosting.DataCapture(
        bucket=bucket,
        prefix="irises",
        sampling_percentage=10,
        csv_content_types=["text/csv"],
        json_content_types=["application/json"],
    ),
)
on_call = sns.Topic(stack, "OnCall", enforce_ssl=True)
hosting.EndpointMonitoring(
    stack,
    "Monitoring",
    endpoint=hosted.endpoint,
    alarm_actions=[actions.SnsAction(on_call)],
    max_model_latency=cdk.Duration.millis(200),
)
# Any metric can be watched, for example how busy the processors are: 100 % for each of them.
busy = hosted.endpoint.find_instance_production_variant("AllTraffic").metric_cpu_utilization()
busy.create_alarm(stack, "Busy", threshold=180, evaluation_periods=5).add_alarm_action(actions.SnsAction(on_call))
cdk.CfnOutput(stack, "TopicArn", value=on_call.topic_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
