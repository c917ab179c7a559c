"""Instances that follow the load: requests per second, requests at once, a metric in steps, and the clock.

An update of the endpoint leaves both variants at the number that scaling has given them. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/scaling/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Scaling")
model = hosting.Model(
    stack,
    "Irises",
    containers=[
        hosting.ContainerDefinition(
            image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
            model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        )
    ],
)
config = hosting.EndpointConfig(stack, "Config")
for name in ("Steady", "Bursty"):
    config.add_instance_production_variant(
        variant_name=name, model=model, instance_type=hosting.InstanceType.M5_LARGE, initial_instance_count=2
    )
endpoint = hosting.Endpoint(stack, "Endpoint", endpoint_config=config)

variant = endpoint.find_instance_production_variant("Steady")
steady = variant.auto_scale_instance_count(min_capacity=2, max_capacity=10)
steady.scale_on_invocations("Invocations", max_requests_per_second=30, scale_in_cooldown=cdk.Duration.minutes(10))
steady.scale_on_schedule(
    "Morning",
    schedule=autoscaling.Schedule.cron(hour="7", minute="30", week_day="MON-FRI"),
    time_zone=cdk.TimeZone.EUROPE_BERLIN,
    min_capacity=6,
)
steady.scale_on_schedule(
    "Evening",
    schedule=autoscaling.Schedule.cron(hour="19", minute="0", week_day="MON-FRI"),
    time_zone=cdk.TimeZone.EUROPE_BERLIN,
    min_capacity=2,
)

variant = endpoint.find_instance_production_variant("Bursty")
bursty = variant.auto_scale_instance_count(min_capacity=2, max_capacity=10)
bursty.scale_on_concurrency("Concurrency", max_concurrent_requests=8)
bursty.scale_on_step_metric(
    "Busy",
    metric=variant.metric_cpu_utilization(),
    scaling_steps=[
        autoscaling.ScalingInterval(change=1, lower=120),
        autoscaling.ScalingInterval(change=3, lower=180),
    ],
)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
