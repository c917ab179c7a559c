"""A model that was trained elsewhere: its archive in S3, an image of AWS, an endpoint, and a batch transform job.

``model.tar.gz`` holds the model and ``code/inference.py`` with ``model_fn``. It is uploaded before the deployment:
``aws s3 cp model.tar.gz s3://trained-elsewhere-111122223333/2026-11/model.tar.gz``. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/model_import/app.py"``; ``docs/jobs.md`` says how to start the job.
"""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "ModelImport")
bucket = s3.Bucket.from_bucket_name(stack, "Trained", "trained-elsewhere-111122223333")
model = hosting.Model(
    stack,
    "Imported",
    containers=[
        hosting.ContainerDefinition(
            # Account, region and tag of the image are looked up; the script is named in the environment.
            image=hosting.ContainerImage.from_framework(hosting.Framework.SCIKIT_LEARN, version="1.2-1"),
            model_data=hosting.ModelData.from_bucket(bucket, "2026-11/model.tar.gz"),
        )
    ],
)
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="AllTraffic", model=model, instance_type=hosting.InstanceType.M5_LARGE
)
endpoint = hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
transform = hosting.BatchTransform(
    stack,
    "Transform",
    model=model,
    content_type="text/csv",
    split_type=hosting.SplitType.LINE,
    assemble_with=hosting.AssembleWith.LINE,
    input_bucket=bucket,
    input_prefix="rows/",
    output_bucket=bucket,
    output_prefix="predictions",
)
cdk.CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
cdk.CfnOutput(stack, "TransformJob", value=transform.state_machine.state_machine_arn)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
