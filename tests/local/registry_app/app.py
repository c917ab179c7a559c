from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from sagemaker_hosting import (
    ApprovalStatus,
    ContainerDefinition,
    ContainerDescription,
    ContainerImage,
    Endpoint,
    EndpointConfig,
    Model,
    ModelData,
    ModelFramework,
    ModelPackage,
    ModelPackageGroup,
)

HERE = Path(__file__).parent
# Rewritten by the tests between two deployments.
SETTINGS: dict[str, Any] = json.loads((HERE / "settings.json").read_text())

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Registry", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
model = Model(
    stack,
    "Model",
    containers=[
        ContainerDefinition(
            image=ContainerImage.from_asset(HERE / "image", build_args={"GREETING": "hello"}),
            environment={"LEVEL": "info", "COLOR": "red"},
            model_data=ModelData.from_directory(HERE / "model"),
        )
    ],
)
package = ModelPackage(
    stack,
    "Package",
    model=model,
    model_package_group=ModelPackageGroup(stack, "Group", model_package_group_name="irises"),
    approval_status=ApprovalStatus(SETTINGS.get("approval", "PendingManualApproval")),
    container_descriptions=[ContainerDescription(framework=ModelFramework.SCIKIT_LEARN, framework_version="1.9.1")],
    removal_policy=cdk.RemovalPolicy[SETTINGS.get("removal", "RETAIN")],
    supported_content_types=["text/csv"],
    supported_response_types=["text/csv"],
)
if SETTINGS.get("hosted"):
    hosted = Model.from_model_package(stack, "Hosted", model_package=package, environment={"COLOR": "blue"})
    config = EndpointConfig(stack, "Config")
    config.add_instance_production_variant(model=hosted, variant_name="AllTraffic")
    Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="irises")
app.synth()
