"""What is deployed where. This is the file to edit: one value for each model and each environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sagemaker_hosting import (
    CapacitySize,
    ContainerDescription,
    Deployment,
    InstanceType,
    ModelDomain,
    ModelFramework,
    ModelTask,
    ValidationError,
)
from stacks.promotion import Approval, GitHub, Promotion  # noqa: F401, TC001  for the values below, once there are any

MODELS_DIRECTORY = Path(__file__).parents[1] / "models"


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """A model: the directory ``models/NAME`` with ``model/``, ``code/`` and ``payloads/``, and what it is for.

    Attributes:
        name: Name of the directory.
        description: Shown in the model registry.
        framework: Which of ``container/requirements/*.txt`` the image gets beside the server's own.
        domain: What kind of data it works on.
        task: What it does.
        container: What Inference Recommender is told of the container.
        hosting_types: Instance types that the registry names as those to host it on, and Inference Recommender tries;
            it refuses burstable ones, such as ``ml.t2.medium``.
        transform_types: The same for batch transform jobs.
        variables: Environment variables of the container.
    """

    name: str
    description: str
    framework: str
    domain: ModelDomain
    task: ModelTask
    container: ContainerDescription | None = None
    hosting_types: tuple[str, ...] = ()
    transform_types: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        """Where the model lies."""
        return MODELS_DIRECTORY / self.name


@dataclass(frozen=True, kw_only=True)
class HostingEnvironment:
    """A place to deploy to.

    Attributes:
        name: The stack is called ``Hosting-NAME``.
        account: AWS account, 12 digits. Without it, the one of the credentials that deploy.
        region: AWS region. Without it, the one of the credentials that deploy. Both or neither are given.
        model: What is hosted.
        instance_type: Type of the endpoint's instances.
        instance_count: Instances of the endpoint, at least 1; 2 or more survive the loss of an availability zone.
        deployment: How an update reaches callers. Without it, all at once, and nothing but the gate takes it back.
        gate: Whether a wrong answer of the smoke test fails the deployment and rolls it back.
        keep_registry: Whether the model registry stays when the stack is deleted.
        termination_protection: Whether deleting the stack is refused.
    """

    name: str
    account: str | None = None
    region: str | None = None
    model: ModelSettings
    instance_type: str
    instance_count: int = 1
    deployment: Deployment | None = None
    gate: bool = True
    keep_registry: bool = True
    termination_protection: bool = False

    def __post_init__(self) -> None:
        checks = [
            ("name", r"[a-z][a-z0-9-]{0,30}", "1 to 31 lower-case letters, digits and hyphens"),
            ("account", r"\d{12}", "12 digits, in quotes"),
            ("region", r"[a-z]{2,3}(-[a-z]+)+-\d", "an AWS region such as 'eu-central-1'"),
        ]
        problems = [
            f"{name} must be {allowed}, got {value!r}"
            for name, pattern, allowed in checks
            if (value := getattr(self, name)) is not None and not re.fullmatch(pattern, str(value))
        ]
        if (self.account is None) != (self.region is None):
            problems.append(
                f"account and region must be given both or not at all, got {self.account!r} and {self.region!r}"
            )
        if isinstance(self.instance_count, bool) or self.instance_count < 1:
            problems.append(f"instance_count must be at least 1 instance, got {self.instance_count!r}")
        try:
            InstanceType(self.instance_type)
        except ValidationError as error:
            problems.extend(error.problems)
        if problems:
            raise ValidationError(f"Environment {self.name!r} in stacks/environments.py", problems)


IRIS = ModelSettings(
    name="iris",
    description="Tells three species of iris apart by the length and width of their sepals and petals",
    framework="sklearn",
    domain=ModelDomain.MACHINE_LEARNING,
    task=ModelTask.CLASSIFICATION,
    container=ContainerDescription(
        framework=ModelFramework.SCIKIT_LEARN,
        framework_version="1.9.1",
        nearest_model_name="sagemaker-scikit-learn",
    ),
    hosting_types=("ml.m5.large", "ml.c5.large"),
    transform_types=("ml.m5.large", "ml.c5.xlarge"),
)

RECYCLING = ModelSettings(
    name="recycling",
    description="Tells paper, glass bottles and plastic bottles apart by a picture",
    framework="onnx",
    domain=ModelDomain.COMPUTER_VISION,
    task=ModelTask.IMAGE_CLASSIFICATION,
)

ENVIRONMENTS = (
    HostingEnvironment(
        name="dev",
        model=IRIS,
        instance_type="ml.t2.medium",
        keep_registry=False,
    ),
    HostingEnvironment(
        name="staging",
        model=IRIS,
        instance_type="ml.m5.large",
    ),
    HostingEnvironment(
        name="prod",
        model=IRIS,
        instance_type="ml.m5.large",
        instance_count=2,
        deployment=Deployment.blue_green_canary(canary_size=CapacitySize.instances(1)),
        termination_protection=True,
    ),
)

LOCAL = (
    HostingEnvironment(
        name="local",
        model=IRIS,
        instance_type="ml.t2.medium",
        gate=False,
        keep_registry=False,
    ),
    HostingEnvironment(
        name="local-recycling",
        model=RECYCLING,
        instance_type="ml.t2.medium",
        gate=False,
        keep_registry=False,
    ),
)
"""Deployed to this machine by ``sagemaker-local``; never to an account."""

PROMOTION: Promotion | None = None
"""The pipeline that takes a model through the environments: docs/promotion.md. Without it, there is none."""

GITHUB: GitHub | None = None
"""The roles that workflows of GitHub deploy with: docs/promotion.md. Without it, there are none."""
