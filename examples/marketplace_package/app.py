"""The model of ``models/iris`` as a package that AWS Marketplace can list: unversioned, and validated by SageMaker.

When the stack is deployed, SageMaker predicts some rows in a batch transform job; the status of the package tells how
that went. Upload them first: ``aws s3 cp models/iris/payloads/rows.csv s3://BUCKET/transform/``. Then deploy it with
``npx cdk deploy --app ".venv/bin/python examples/marketplace_package/app.py" --parameters BucketName=BUCKET``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"
M5 = hosting.InstanceType.M5_LARGE

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "MarketplacePackage")
name = cdk.CfnParameter(stack, "BucketName", description="Bucket with the rows to validate with")
data = s3.Bucket.from_bucket_name(stack, "Samples", name.value_as_string)
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
package = hosting.ModelPackage(
    stack,
    "Package",
    model=model,
    description="Tells three species of iris apart",
    certify_for_marketplace=True,
    supported_content_types=payloads.content_types,
    supported_response_types=payloads.response_types,
    supported_realtime_inference_instance_types=[M5],
    supported_transform_instance_types=[M5],
    validation=hosting.PackageValidation(
        transform=hosting.ValidationTransform(
            input_bucket=data,
            input_prefix="transform/",
            output_bucket=data,
            output_prefix="answers",
            content_type="text/csv",
            instance_type=M5,
        ),
    ),
)
cdk.CfnOutput(stack, "ModelPackageArn", value=package.model_package_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
