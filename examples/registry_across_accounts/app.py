"""One account registers versions of a model, another hosts the one that was approved.

``npx cdk deploy Registry`` in the first account, then approve the version; ``npx cdk deploy Hosting`` in the second;
both with ``--app ".venv/bin/python examples/registry_across_accounts/app.py"``. The second must be able to read image
and archive, too: the policies of repository and bucket that ``cdk bootstrap`` made in the first have to name it.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
IMAGES = "cdk-hnb659fds-container-assets-111122223333-eu-central-1"
M5 = hosting.InstanceType.M5_LARGE

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Registry", env=cdk.Environment(account="111122223333", region="eu-central-1"))
payloads = hosting.SamplePayloads.from_directory(IRIS / "payloads")
container = hosting.ContainerDefinition(
    image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
    model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
)
group = hosting.ModelPackageGroup(stack, "Irises", model_package_group_name="irises")
group.share_with(accounts=["444455556666"])
hosting.ModelPackage(
    stack,
    "Version",
    model=hosting.Model(stack, "Trained", containers=[container]),
    model_package_group=group,
    supported_content_types=payloads.content_types,
    supported_response_types=payloads.response_types,
    supported_realtime_inference_instance_types=[M5],
)

stack = cdk.Stack(app, "Hosting", env=cdk.Environment(account="444455556666", region="eu-central-1"))
version = hosting.ModelPackage.from_model_package_arn(
    stack, "Version", "arn:aws:sagemaker:eu-central-1:111122223333:model-package/irises/1"
)
# What the version names, so that the role may read it; ``aws sagemaker describe-model-package`` tells the key.
key = cdk.CfnParameter(stack, "ArchiveKey").value_as_string
images = ecr.Repository.from_repository_attributes(
    stack,
    "Images",
    repository_arn=f"arn:aws:ecr:eu-central-1:111122223333:repository/{IMAGES}",
    repository_name=IMAGES,
)
archives = s3.Bucket.from_bucket_name(stack, "Archives", "cdk-hnb659fds-assets-111122223333-eu-central-1")
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="AllTraffic",
    model=hosting.Model.from_model_package(
        stack,
        "Approved",
        model_package=version,
        image=hosting.ContainerImage.from_ecr_repository(images),
        model_data=hosting.ModelData.from_bucket(archives, key),
    ),
    instance_type=M5,
)
hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
