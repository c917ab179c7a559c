"""Where the image of a model comes from: a Dockerfile, AWS's images by framework or by name, a repository, any URI.

``Weights`` needs no Dockerfile: AWS's PyTorch image installs ``code/requirements.txt``, here the runtime for ONNX, and
asks ``code/inference.py``. Deploy it with ``npx cdk deploy --app ".venv/bin/python examples/images/app.py"``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECYCLING = ROOT / "models" / "recycling"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Images")

hosting.HostedModel(
    stack,
    "Weights",
    # The newest image of this version for the processor of the instances, here Graviton, from the account that
    # publishes it in the region of the stack.
    image=hosting.ContainerImage.from_framework(hosting.Framework.PYTORCH, version="2.4"),
    instance_type=hosting.InstanceType.C6_G_LARGE,
    model_data=hosting.ModelData.from_directory(RECYCLING / "model", code=HERE / "code"),
    payloads=hosting.SamplePayloads.from_directory(RECYCLING / "payloads"),
    domain=hosting.ModelDomain.COMPUTER_VISION,
    task=hosting.ModelTask.IMAGE_CLASSIFICATION,
)

repository = ecr.Repository.from_repository_name(stack, "Repository", "irises")
IMAGES = {
    # Built when it is deployed, for the architecture of the instances.
    "Dockerfile": hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "onnx"}),
    "DeepLearningContainer": hosting.ContainerImage.from_dlc(
        "pytorch-inference", "2.6.0-cpu-py312-ubuntu22.04-sagemaker"
    ),
    "OwnRepository": hosting.ContainerImage.from_ecr_repository(repository, tag="1.0.0"),
    "Uri": hosting.ContainerImage.from_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/irises:1.0.0"),
}
for name, image in IMAGES.items():
    data = hosting.ModelData.from_directory(RECYCLING / "model", code=HERE / "code")
    hosting.Model(stack, name, containers=[hosting.ContainerDefinition(image=image, model_data=data)])

cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
