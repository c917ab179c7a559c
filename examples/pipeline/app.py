"""Several containers on an instance: one prepares what the next reads, or the caller chooses between them.

``Inches`` turns inches into centimetres for the iris model, which knows no others. Callers of ``Either`` name the
container: ``aws sagemaker-runtime invoke-endpoint --target-container-hostname recycling ...``. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/pipeline/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def container(framework: str, data: hosting.ModelData, hostname: str) -> hosting.ContainerDefinition:
    """Return a container that is built for what a model needs."""
    image = hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": framework})
    return hosting.ContainerDefinition(image=image, model_data=data, container_hostname=hostname)


def example(name: str) -> hosting.ModelData:
    """Return a model of this repository."""
    return hosting.ModelData.from_directory(ROOT / "models" / name / "model", code=ROOT / "models" / name / "code")


def endpoint(name: str, model: hosting.Model) -> hosting.Endpoint:
    """Return an endpoint of one instance."""
    config = hosting.EndpointConfig(stack, f"{name}Config")
    config.add_instance_production_variant(
        variant_name="AllTraffic", model=model, instance_type=hosting.InstanceType.M5_XLARGE
    )
    return hosting.Endpoint(stack, f"{name}Endpoint", endpoint_config=config)


app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Containers")
inches = container("sklearn", hosting.ModelData.from_directory(HERE / "centimetres"), "centimetres")
iris = container("sklearn", example("iris"), "iris")
recycling = container("onnx", example("recycling"), "recycling")

endpoint("Inches", hosting.Model(stack, "Inches", containers=[inches, iris]))
either = hosting.Model(
    stack,
    "Either",
    containers=[iris, recycling],
    inference_execution_mode=hosting.InferenceExecutionMode.DIRECT,
)
caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
endpoint("Either", either).grant_invoke_containers(caller, "recycling")
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
