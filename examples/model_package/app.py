"""The model of ``models/iris`` in the registry, shared with another account, and hosted from there.

The version is approved here, so that the same stack can host it; where somebody else approves, the account that hosts
imports it with ``ModelPackage.from_model_package_arn``, as in ``examples/registry_across_accounts``.
"""

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
M5 = hosting.InstanceType.M5_LARGE

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "ModelPackageExample")
payloads = hosting.SamplePayloads.from_directory(IRIS / "payloads")
model = hosting.Model(
    stack,
    "Trained",
    containers=[
        hosting.ContainerDefinition(
            image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
            model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
        )
    ],
)
group = hosting.ModelPackageGroup(stack, "Irises", description="Tells three species of iris apart")
group.share_with(accounts=["111122223333"])
version = hosting.ModelPackage(
    stack,
    "Version",
    model=model,
    model_package_group=group,
    approval_status=hosting.ApprovalStatus.APPROVED,
    container_descriptions=[
        hosting.ContainerDescription(
            framework=hosting.ModelFramework.SCIKIT_LEARN,
            framework_version="1.9.1",
            nearest_model_name="sagemaker-scikit-learn",
        )
    ],
    domain=hosting.ModelDomain.MACHINE_LEARNING,
    task=hosting.ModelTask.CLASSIFICATION,
    sample_payloads=payloads,
    supported_content_types=payloads.content_types,
    supported_response_types=payloads.response_types,
    supported_realtime_inference_instance_types=[M5, hosting.InstanceType.C5_LARGE],
    supported_transform_instance_types=[M5],
)
hosted = hosting.Model.from_model_package(stack, "Hosted", model_package=version)
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(model=hosted, variant_name="AllTraffic", instance_type=M5)
hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
