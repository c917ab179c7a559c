"""Where the data of a model come from: a directory, an archive, or objects in S3 that a key of yours encrypts.

The bucket holds what other programs put there: ``models/1/model.tar.gz``, and below ``models/2/`` the same files as
they are, which large models start faster from. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/model_data/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "ModelData")
key = kms.Key(stack, "Key", enable_key_rotation=True)
bucket = s3.Bucket.from_bucket_attributes(
    stack, "Trained", bucket_name="trained-models-111122223333", encryption_key=key
)

DATA = {
    # Packed while the app is synthesized, the same bytes on every machine.
    "Directory": hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    # Uploaded as it is.
    "Archive": hosting.ModelData.from_asset(Path(__file__).parent / "model.tar.gz"),
    # In S3 already: the role of the model may read exactly this, and decrypt it.
    "Object": hosting.ModelData.from_bucket(bucket, "models/1/model.tar.gz", encryption_key=key),
    "Prefix": hosting.ModelData.from_prefix(bucket, "models/2/", encryption_key=key),
}
for name, data in DATA.items():
    image = hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"})
    hosting.Model(stack, name, containers=[hosting.ContainerDefinition(image=image, model_data=data)])

cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
