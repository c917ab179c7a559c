"""One account registers versions of a model, another hosts the one that was approved.

The other account reads image and archive, too. The bucket of ``cdk bootstrap`` is encrypted with a key of AWS, which no
other account can use, so the first account has a repository, a bucket and a key to share. All commands take
``--app ".venv/bin/python examples/registry_across_accounts/app.py"``.

1. ``npx cdk deploy Shared``, and fill what it made: ``docker build --build-arg FRAMEWORK=sklearn --tag REPOSITORY:1
   container``, ``docker push REPOSITORY:1``,
   ``tar cz -C models/iris/model . -C .. code | aws s3 cp - s3://BUCKET/irises/1.tar.gz``.
2. ``npx cdk deploy Registry``, and approve the version.
3. In the other account: ``npx cdk deploy Hosting --parameters KeyArn=KEY``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

PAYLOADS = Path(__file__).parents[2] / "models" / "iris" / "payloads"
OWNER = cdk.Environment(account="111122223333", region="eu-central-1")
OTHER = cdk.Environment(account="444455556666", region="eu-central-1")
BUCKET, REPOSITORY = "irises-111122223333", "irises"  # the other account knows them by name
ARCHIVE, TAG = "irises/1.tar.gz", "1"
M5 = hosting.InstanceType.M5_LARGE

app = cdk.App(analytics_reporting=False)
shared = cdk.Stack(app, "Shared", env=OWNER)
key = kms.Key(shared, "Key", enable_key_rotation=True)
bucket = s3.Bucket(
    shared,
    "Archives",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    bucket_name=BUCKET,
    encryption_key=key,
    enforce_ssl=True,
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
repository = ecr.Repository(
    shared, "Images", image_tag_mutability=ecr.TagMutability.IMMUTABLE, repository_name=REPOSITORY
)
bucket.grant_read(iam.AccountPrincipal(OTHER.account))  # and to decrypt with the key
repository.grant_pull(iam.AccountPrincipal(OTHER.account))
for name, value in (("Bucket", BUCKET), ("Repository", repository.repository_uri), ("Key", key.key_arn)):
    cdk.CfnOutput(shared, f"{name}Output", value=value)

registry = cdk.Stack(app, "Registry", env=OWNER)
payloads = hosting.SamplePayloads.from_directory(PAYLOADS)
container = hosting.ContainerDefinition(
    image=hosting.ContainerImage.from_ecr_repository(repository, TAG),
    model_data=hosting.ModelData.from_bucket(bucket, ARCHIVE),
)
group = hosting.ModelPackageGroup(registry, "Irises", model_package_group_name="irises")
group.share_with(accounts=[str(OTHER.account)])
hosting.ModelPackage(
    registry,
    "Version",
    model=hosting.Model(registry, "Trained", containers=[container]),
    model_package_group=group,
    supported_content_types=payloads.content_types,
    supported_response_types=payloads.response_types,
    supported_realtime_inference_instance_types=[M5],
)

stack = cdk.Stack(app, "Hosting", env=OTHER)
version = hosting.ModelPackage.from_model_package_arn(
    stack, "Version", f"arn:aws:sagemaker:{OWNER.region}:{OWNER.account}:model-package/irises/1"
)
arn = cdk.CfnParameter(stack, "KeyArn", description="The output KeyOutput of Shared").value_as_string
images = ecr.Repository.from_repository_attributes(
    stack,
    "Images",
    repository_arn=f"arn:aws:ecr:{OWNER.region}:{OWNER.account}:repository/{REPOSITORY}",
    repository_name=REPOSITORY,
)
archives = s3.Bucket.from_bucket_name(stack, "Archives", BUCKET)
model = hosting.Model.from_model_package(
    stack,
    "Approved",
    model_package=version,
    # What the version names, so that the role may read it.
    image=hosting.ContainerImage.from_ecr_repository(images, TAG),
    model_data=hosting.ModelData.from_bucket(archives, ARCHIVE, encryption_key=kms.Key.from_key_arn(stack, "Key", arn)),
)
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(variant_name="AllTraffic", model=model, instance_type=M5)
hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
