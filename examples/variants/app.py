"""Two models side by side: an endpoint that divides its requests, and one that tries the second in the shadow.

Callers of ``Divided`` get nine answers of ten from the first model. Callers of ``Shadowed`` get all from the first; the
second is sent half of the requests, and what it answers is measured and thrown away. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/variants/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
M5 = hosting.InstanceType.M5_LARGE


def iris(name: str, **settings: str) -> hosting.Model:
    """Return the example model under settings of its own."""
    container = hosting.ContainerDefinition(
        image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
        model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        environment=settings,
    )
    return hosting.Model(stack, name, containers=[container])


app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Variants")
first = iris("First")
second = iris("Second", SERVING_MAX_BATCH="64")

divided = hosting.EndpointConfig(stack, "DividedConfig")
divided.add_instance_production_variant(
    variant_name="First", model=first, instance_type=M5, initial_instance_count=2, initial_variant_weight=9
)
divided.add_instance_production_variant(variant_name="Second", model=second, instance_type=M5, initial_variant_weight=1)
hosting.Endpoint(stack, "Divided", endpoint_config=divided)

shadowed = hosting.EndpointConfig(
    stack,
    "ShadowedConfig",
    instance_production_variants=[
        hosting.InstanceProductionVariantProps(
            variant_name="Live", model=first, instance_type=M5, initial_variant_weight=2
        )
    ],
    shadow_production_variants=[
        hosting.InstanceProductionVariantProps(
            variant_name="Shadow", model=second, instance_type=M5, initial_variant_weight=1
        )
    ],
)
hosting.Endpoint(stack, "Shadowed", endpoint_config=shadowed)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
