"""A SavedModel in AWS's TensorFlow image, packed in a folder of its version as TensorFlow Serving expects it.

``code/inference.py`` turns CSV into what TensorFlow Serving reads, and its answer into the names of the species.
Without ``code``, callers speak TensorFlow Serving's JSON. ``train.py`` wrote the model. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/tensorflow/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

HERE = Path(__file__).parent

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "TensorFlow")
hosted = hosting.HostedModel(
    stack,
    "Irises",
    image=hosting.ContainerImage.from_framework(hosting.Framework.TENSORFLOW, version="2.19"),
    model_data=hosting.ModelData.from_saved_model(HERE / "model", code=HERE / "code", version=1),
    payloads=hosting.SamplePayloads.from_directory(HERE / "payloads"),
    instance_type=hosting.InstanceType.M5_LARGE,
    container_description=hosting.ContainerDescription(
        framework=hosting.ModelFramework.TENSORFLOW, framework_version="2.19"
    ),
    domain=hosting.ModelDomain.MACHINE_LEARNING,
    task=hosting.ModelTask.CLASSIFICATION,
)
cdk.CfnOutput(stack, "EndpointName", value=hosted.endpoint.endpoint_name)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
