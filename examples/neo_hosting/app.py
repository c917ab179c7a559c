"""Hosts what ``examples/neo_compilation`` has compiled, in the image of SageMaker Neo for PyTorch.

The image looks for ``code/inference.py`` in the archive, so this is put there before the stack is deployed. ARTIFACTS
is the output ``ModelArtifacts`` of an execution of ``CloudCompilation``:
``mkdir compiled && aws s3 cp ARTIFACTS - | tar xz -C compiled``, ``cp -r examples/neo_hosting/code compiled``,
``tar cz -C compiled . | aws s3 cp - s3://BUCKET/hosted/model-ml_c5.tar.gz``. Then deploy it with
``npx cdk deploy --app ".venv/bin/python examples/neo_hosting/app.py" --parameters BucketName=BUCKET``.
"""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "NeoHosting")
name = cdk.CfnParameter(stack, "BucketName", description="The output of the same name of NeoCompilation")
bucket = s3.Bucket.from_bucket_name(stack, "Models", name.value_as_string)
model = hosting.Model(
    stack,
    "Compiled",
    containers=[
        hosting.ContainerDefinition(
            image=hosting.ContainerImage.from_framework(hosting.Framework.NEO_PYTORCH, version="1.13"),
            model_data=hosting.ModelData.from_bucket(bucket, "hosted/model-ml_c5.tar.gz"),
        )
    ],
)
config = hosting.EndpointConfig(stack, "Config")
config.add_instance_production_variant(
    variant_name="AllTraffic",
    model=model,
    instance_type=hosting.InstanceType.C5_LARGE,  # of the family that the model was compiled for
)
cdk.CfnOutput(stack, "EndpointName", value=hosting.Endpoint(stack, "Endpoint", endpoint_config=config).endpoint_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
