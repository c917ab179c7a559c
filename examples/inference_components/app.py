"""Two models that share instances, each with copies of its own number, down to none at all.

A copy takes one processor and a gigabyte. Without requests a model sleeps, and once all do, the instances go, too. A
request then wakes its model, which takes minutes. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/inference_components/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "InferenceComponents")
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="Shared",
    instance_type=hosting.InstanceType.M5_XLARGE,
    managed_instance_scaling=hosting.ManagedInstanceScaling(min_instance_count=0, max_instance_count=3),
    routing_strategy=hosting.RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
)
endpoint = hosting.Endpoint(stack, "Endpoint", endpoint_config=config)

for name, framework in (("iris", "sklearn"), ("recycling", "onnx")):
    directory = ROOT / "models" / name
    component = hosting.InferenceComponent(
        stack,
        name.title(),
        endpoint=endpoint,
        specification=hosting.ComponentSpecification(
            container=hosting.ComponentContainer(
                image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": framework}),
                artifact=hosting.ModelData.from_directory(directory / "model", code=directory / "code"),
            ),
            compute=hosting.ComputeRequirements(cpu_cores=1, min_memory_in_mb=1024),
        ),
        deployment=hosting.ComponentDeployment(maximum_batch_size=hosting.CopyBatch.copies(1)),
    )
    copies = component.auto_scale_copy_count(min_capacity=0, max_capacity=6)
    copies.scale_on_concurrency("Concurrency", max_concurrent_requests=4)
    cdk.CfnOutput(stack, f"{name.title()}Component", value=component.inference_component_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
