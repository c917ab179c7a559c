"""What can be said of the instances themselves: a large model on GPUs, which takes its time, beside one on processors.

The GPU variant gets a driver, time to download and start, and requests where fewest wait. The other one, with a tenth
of the requests, gets a larger volume, sessions by Systems Manager, and core dumps for who looks for a crash.
Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/instances/app.py"``.
"""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Instances")
models = s3.Bucket.from_bucket_name(stack, "Models", "models-111122223333")
dumps = s3.Bucket.from_bucket_name(stack, "Dumps", "core-dumps-111122223333")


def model(name: str, processor: hosting.Processor) -> hosting.Model:
    """Return the same weights in the image for a processor."""
    image = hosting.ContainerImage.from_framework(hosting.Framework.PYTORCH, version="2.6", processor=processor)
    data = hosting.ModelData.from_bucket(models, "llm/2026-11.tar.gz")
    return hosting.Model(stack, name, containers=[hosting.ContainerDefinition(image=image, model_data=data)])


config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="Gpu",
    model=model("OnGpu", hosting.Processor.GPU),
    instance_type=hosting.InstanceType.G5_2_XLARGE,
    initial_variant_weight=0.9,
    container_startup_health_check_timeout=cdk.Duration.minutes(20),
    inference_ami_version="al2-ami-sagemaker-inference-gpu-3-1",
    model_data_download_timeout=cdk.Duration.minutes(30),
    routing_strategy=hosting.RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
)
config.add_instance_production_variant(
    variant_name="Cpu",
    model=model("OnCpu", hosting.Processor.CPU),
    instance_type=hosting.InstanceType.M5_4_XLARGE,
    initial_variant_weight=0.1,
    core_dump=hosting.CoreDump(bucket=dumps, prefix="llm"),
    enable_ssm_access=True,
    volume_size=cdk.Size.gibibytes(200),
)
endpoint = hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
cdk.CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
