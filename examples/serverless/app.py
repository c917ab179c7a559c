"""A model without instances: paid by the request, and by the hour for what is kept ready.

One container is kept ready, up to five follow the load; at most twenty requests run at once. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/serverless/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Serverless")
hosted = hosting.HostedModel(
    stack,
    "Irises",
    image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
    model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    payloads=hosting.SamplePayloads.from_directory(IRIS / "payloads"),
    domain=hosting.ModelDomain.MACHINE_LEARNING,
    task=hosting.ModelTask.CLASSIFICATION,
    serverless=hosting.Serverless(max_concurrency=20, memory_size_in_mb=2048, provisioned_concurrency=1),
)
ready = hosted.endpoint.find_serverless_production_variant("AllTraffic").auto_scale_provisioned_concurrency(
    min_capacity=1, max_capacity=5
)
ready.scale_on_utilization("Utilization", target_utilization=0.7)
cdk.CfnOutput(stack, "EndpointName", value=hosted.endpoint.endpoint_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
