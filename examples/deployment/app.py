"""How an update reaches callers, and what takes it back: canary, linear and rolling.

``Canary`` and ``Linear`` start new instances beside the old ones and move requests over; ``Rolling`` replaces instances
in turn. Failed answers, and answers later than 300 milliseconds, take an update back; so does an alarm of your own.
Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/deployment/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Deployment")
own_alarms = hosting.RollbackAlarms.of_endpoint(max_model_latency=cdk.Duration.millis(300))
complaints = cloudwatch.Metric(namespace="Shop", metric_name="WrongSpecies", statistic="Sum").create_alarm(
    stack, "Complaints", threshold=3, evaluation_periods=1
)
DEPLOYMENTS = {
    "Canary": hosting.Deployment.blue_green_canary(
        canary_size=hosting.CapacitySize.instances(1),
        wait_interval=cdk.Duration.minutes(10),
        rollback_alarms=own_alarms,
    ),
    "Linear": hosting.Deployment.blue_green_linear(
        step_size=hosting.CapacitySize.percent(25),
        wait_interval=cdk.Duration.minutes(5),
        termination_wait=cdk.Duration.minutes(10),
        rollback_alarms=own_alarms,
    ),
    "Rolling": hosting.Deployment.rolling(
        maximum_batch_size=hosting.CapacitySize.instances(1),
        rollback_alarms=hosting.RollbackAlarms.of(complaints),
    ),
}
for name, deployment in DEPLOYMENTS.items():
    hosting.HostedModel(
        stack,
        name,
        image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
        model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        payloads=hosting.SamplePayloads.from_directory(IRIS / "payloads"),
        domain=hosting.ModelDomain.MACHINE_LEARNING,
        task=hosting.ModelTask.CLASSIFICATION,
        instance_type=hosting.InstanceType.M5_LARGE,
        initial_instance_count=4,
        deployment=deployment,
    )
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
