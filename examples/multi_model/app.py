"""Many models behind one endpoint: each ``tar.gz`` archive below a prefix is a model that a request names.

``aws s3 cp model.tar.gz s3://BUCKET/models/customer-1.tar.gz`` adds a model while the endpoint runs. Its first request
loads it: ``aws sagemaker-runtime invoke-endpoint --target-model customer-1.tar.gz ...``. Deploy the endpoint with
``npx cdk deploy --app ".venv/bin/python examples/multi_model/app.py"``.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "MultiModel")
bucket = s3.Bucket(
    stack,
    "Models",
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
    encryption=s3.BucketEncryption.S3_MANAGED,
    enforce_ssl=True,
)
cdk.Validations.of(bucket).acknowledge(
    cdk.Acknowledgment(id="AwsSolutions-S1", reason="An example keeps no access logs.")
)
model = hosting.Model(
    stack,
    "Customers",
    containers=[
        hosting.ContainerDefinition(
            image=hosting.ContainerImage.from_framework(hosting.Framework.SCIKIT_LEARN, version="1.2-1"),
            model_data=hosting.ModelData.from_prefix(bucket, "models/"),
            mode=hosting.ContainerMode.MULTI_MODEL,
            environment={"SAGEMAKER_PROGRAM": "inference.py"},
        )
    ],
)
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="AllTraffic", model=model, instance_type=hosting.InstanceType.M5_LARGE
)
endpoint = hosting.Endpoint(stack, "Endpoint", endpoint_config=config)
endpoint.grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))
cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
cdk.CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
