"""The decision trees of ``models/iris`` as an algorithm that AWS Marketplace can list.

The image trains and serves; the training script declares the hyperparameters, and puts ``inference.py`` beside the
model. When the stack is deployed, SageMaker validates the algorithm: it trains with the samples, and predicts some.

Upload them first: ``aws s3 sync models/iris/data/training s3://BUCKET/training``, in the same way ``models/iris/train``
to ``code`` and ``models/iris/code`` to ``inference``, and
``aws s3 cp models/iris/payloads/rows.csv s3://BUCKET/transform/``. Then deploy it with
``npx cdk deploy --app ".venv/bin/python examples/algorithm/app.py" --parameters BucketName=BUCKET``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
M5 = hosting.InstanceType.M5_LARGE

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "AlgorithmExample")
name = cdk.CfnParameter(stack, "BucketName", description="Bucket with the samples to validate with")
data = s3.Bucket.from_bucket_name(stack, "Samples", name.value_as_string)
CHANNELS = {
    "training": ("text/csv", "Species and four sizes"),
    "code": ("text/x-python", "train.py, and the declaration of its hyperparameters"),
    "inference": ("text/x-python", "inference.py, which answers with the model"),
}
hosting.Algorithm(
    stack,
    "DecisionTrees",
    description="Decision trees with scikit-learn",
    training_image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
    supported_training_instance_types=[M5],
    channels=[
        hosting.ChannelSpecification(name=one, content_types=[content_type], description=text)
        for one, (content_type, text) in CHANNELS.items()
    ],
    hyperparameters=hosting.Hyperparameter.from_file(ROOT / "models/iris/train/hyperparameters.schema.json"),
    metrics={"validation:accuracy": "validation-accuracy: ([0-9.]+)"},
    tuning_objectives={"validation:accuracy": "Maximize"},
    supports_distributed_training=False,
    inference=hosting.AlgorithmInference(
        supported_content_types=["text/csv"],
        supported_response_types=["text/csv"],
        supported_realtime_inference_instance_types=[M5],
        supported_transform_instance_types=[M5],
    ),
    certify_for_marketplace=True,
    validation=hosting.AlgorithmValidation(
        channels=[hosting.ValidationChannel(name=one, bucket=data, prefix=f"{one}/") for one in CHANNELS],
        instance_type=M5,
        output_bucket=data,
        output_prefix="trained",
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
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
