"""An algorithm: what trains a model, and what the trained model runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

import aws_cdk as cdk
import constructs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.algorithm_request import create_algorithm
from sagemaker_hosting.container_definition import BoundContainer
from sagemaker_hosting.execution_policy import TRAINING_LOG_GROUPS, create_execution_policy, writing_logs
from sagemaker_hosting.execution_role import create_execution_role
from sagemaker_hosting.given import given
from sagemaker_hosting.inference_description import describe_inference
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.metric_definitions import check_metrics, describe_metrics
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.own_policy import allow, create_own_policy
from sagemaker_hosting.replacement import name_by_content, replace_on_change
from sagemaker_hosting.resource_arn import ResourceArn
from sagemaker_hosting.validation import NAME_ALLOWED, NAME_PATTERN, Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.algorithm_inference import AlgorithmInference
    from sagemaker_hosting.algorithm_validation import AlgorithmValidation
    from sagemaker_hosting.channel_specification import ChannelSpecification
    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.hyperparameter import Hyperparameter
    from sagemaker_hosting.instance_type import InstanceType

_LONGEST_NAME = 63
_LONGEST_DESCRIPTION = 1024
_MOST_CHANNELS = 8
_MOST_HYPERPARAMETERS = 100


class IAlgorithm(Protocol):
    """An algorithm, made here or imported."""

    @property
    def algorithm_arn(self) -> str:
        """ARN of the algorithm."""

    @property
    def algorithm_name(self) -> str:
        """Name of the algorithm."""


class Algorithm(cdk.Resource):
    """An algorithm with which others train models and host them, without seeing what is in its images.

    It cannot be changed; a change makes another one of another name, and the old one stays.

    CloudFormation has no property for ``validation``: an algorithm that has one is created by a call of the API from a
    custom resource, and has no tags. The deployment does not wait for the validation, which takes as long as its jobs;
    the algorithm's status in the console or in ``DescribeAlgorithm`` tells how it went.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002
        *,
        channels: Sequence[ChannelSpecification],
        supported_training_instance_types: Sequence[InstanceType],
        training_image: ContainerImage,
        algorithm_name: str | None = None,
        certify_for_marketplace: bool | None = None,
        description: str | None = None,
        hyperparameters: Sequence[Hyperparameter] = (),
        image_architecture: Architecture = Architecture.X86_64,
        inference: AlgorithmInference | None = None,
        metrics: Mapping[str, str] | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        supports_distributed_training: bool | None = None,
        training_image_digest: str | None = None,
        tuning_objectives: Mapping[str, Literal["Maximize", "Minimize"]] | None = None,
        validation: AlgorithmValidation | None = None,
    ) -> None:
        """Create the algorithm.

        An image that is built with the app is named by the hash of its source, in a repository whose tags CDK's
        bootstrap makes immutable; its digest is known only once it has been pushed. ``ContainerImage.from_uri`` and
        ``from_ecr_repository`` take digests. Whether jobs may use Spot instances is not a property of an algorithm:
        each training job asks for them, and resumes if the script writes checkpoints.

        Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAlgorithm.html

        Args:
            scope: Parent.
            id: Id below the parent.
            channels: The input channels that it takes, 1 to 8.
            supported_training_instance_types: Types that it can train on, at least one. One that SageMaker offers for
                training alone is made with ``InstanceType.unchecked``.
            training_image: What trains.
            algorithm_name: Physical name. Without it, one is made that follows the content, which is what updates need.
            certify_for_marketplace: Whether AWS Marketplace may list it, which needs ``validation``. Without it, it may
                not.
            description: What it does, at most 1,024 characters.
            hyperparameters: What it can be told, at most 100, each once; ``Hyperparameter.from_file`` reads them from
                beside the training script.
            image_architecture: What images that are built with the app are built for.
            inference: What the trained model runs in. Without it, the algorithm only trains.
            metrics: Regular expressions by the name of the metric that each finds in the log, in its first group; at
                most 40, of at most 500 characters, names of at most 255.
            removal_policy: What happens to it when it leaves the stack or is replaced. Without it, it is kept, except
                when the deployment that made it is rolled back.
            supports_distributed_training: Whether a job may have more than one instance. Without it, it may.
            training_image_digest: ``sha256:`` and 64 hexadecimal digits. Without it, SageMaker looks up what the
                image's tag means.
            tuning_objectives: Which of the metrics a tuning job can optimize, and in which direction.
            validation: The jobs by which SageMaker validates it when it is created. Without it, it does not.

        Raises:
            ValidationError: If a value is outside these limits, or arguments contradict each other.
        """
        super().__init__(scope, id, physical_name=algorithm_name)
        metrics = {} if metrics is None else metrics
        objectives = {} if tuning_objectives is None else tuning_objectives
        problems = Problems(lambda: f"Algorithm '{self.node.path}'")
        problems.matches("algorithm_name", algorithm_name, NAME_PATTERN, NAME_ALLOWED)
        problems.length("description", description, 0, _LONGEST_DESCRIPTION)
        problems.matches(
            "training_image_digest",
            training_image_digest,
            r"[Ss][Hh][Aa]256:[0-9a-fA-F]{64}",
            "sha256: and 64 hexadecimal digits",
        )
        problems.between("the number of channels", len(channels), 1, _MOST_CHANNELS, "channels")
        problems.between(
            "the number of hyperparameters", len(hyperparameters), 0, _MOST_HYPERPARAMETERS, "hyperparameters"
        )
        for argument, names in (
            ("channels", [one.name for one in channels]),
            ("hyperparameters", [one.name for one in hyperparameters]),
        ):
            problems.check(len(set(names)) == len(names), f"{argument} must have names of their own, got {names}")
        problems.check(
            bool(supported_training_instance_types),
            "supported_training_instance_types must hold at least one type, got none",
        )
        check_offered(problems, "supported_training_instance_types", supported_training_instance_types, "training")
        check_metrics(problems, metrics)
        _check_objectives(problems, metrics, objectives)
        problems.check(
            certify_for_marketplace is not True or validation is not None,
            "validation must be given together with certify_for_marketplace, got none",
        )
        if validation is not None:
            _check_validation(problems, validation, channels, hyperparameters)
        problems.raise_if_any()

        self._image_architecture = image_architecture
        role = None
        if validation is None:
            # On no role and so in no template, until somebody attaches it.
            self._execution_policy = create_own_policy(self, "ExecutionPolicy")
        else:
            role = self._create_role() if validation.role is None else validation.role
            self._execution_policy = create_execution_policy(
                self, role, [writing_logs(self, TRAINING_LOG_GROUPS), *validation.permissions]
            )
        image = self._bind(training_image, "Training")
        request: dict[str, Any] = given(
            {
                "AlgorithmDescription": description,
                "CertifyForMarketplace": certify_for_marketplace,
                "InferenceSpecification": None if inference is None else self._describe_inference(inference, image),
                "TrainingSpecification": given(
                    {
                        "MetricDefinitions": describe_metrics(metrics),
                        "SupportedHyperParameters": [one.describe() for one in hyperparameters] or None,
                        "SupportedTrainingInstanceTypes": [
                            one.to_string() for one in supported_training_instance_types
                        ],
                        "SupportedTuningJobObjectiveMetrics": [
                            {"MetricName": name, "Type": direction} for name, direction in objectives.items()
                        ]
                        or None,
                        "SupportsDistributedTraining": supports_distributed_training,
                        "TrainingChannels": [one.describe() for one in channels],
                        "TrainingImage": image,
                        "TrainingImageDigest": training_image_digest,
                    }
                ),
            }
        )
        if validation is None or role is None:
            resource = sagemaker.CfnAlgorithm(
                self,
                "Resource",
                # Both are overridden below.
                algorithm_name="-",
                training_specification=sagemaker.CfnAlgorithm.TrainingSpecificationProperty(
                    supported_training_instance_types=[], training_channels=[], training_image="-"
                ),
            )
            self._name = (
                name_by_content(self, request, longest=_LONGEST_NAME) if algorithm_name is None else algorithm_name
            )
            for member, value in {**request, "AlgorithmName": self._name}.items():
                resource.add_property_override(member, value)
            resource.apply_removal_policy(removal_policy)
            self._arn = resource.attr_algorithm_arn
            replace_on_change(self, resource, self._arn, lambda: request)
        else:
            request["ValidationSpecification"] = validation.describe(role.role_arn)
            self._name, self._arn = create_algorithm(
                self,
                algorithm_name=algorithm_name,
                policy=self._execution_policy,
                removal_policy=removal_policy,
                request=request,
                role=role,
            )

    @staticmethod
    def from_algorithm_arn(scope: constructs.Construct, id: str, algorithm_arn: str) -> IAlgorithm:  # noqa: A002
        """Refer to an algorithm that exists, such as a product of AWS Marketplace that the account subscribes to.

        Args:
            scope: Parent.
            id: Id below the parent.
            algorithm_arn: Its ARN.
        """
        named = ResourceArn.from_arn(scope, "algorithm", "algorithm_arn", algorithm_arn)
        return _ImportedAlgorithm(scope, id, named)

    @staticmethod
    def from_algorithm_name(scope: constructs.Construct, id: str, algorithm_name: str) -> IAlgorithm:  # noqa: A002
        """Refer to an algorithm that exists in the same account and region.

        Args:
            scope: Parent.
            id: Id below the parent.
            algorithm_name: Its name.
        """
        return _ImportedAlgorithm(scope, id, ResourceArn.from_name(scope, "algorithm", algorithm_name))

    @property
    def algorithm_arn(self) -> str:
        """ARN of the algorithm."""
        return self._arn

    @property
    def algorithm_name(self) -> str:
        """Name of the algorithm."""
        return self._name

    @property
    def execution_policy(self) -> iam.Policy:
        """Lets a role pull the images; with ``validation`` it is that of the role that validates."""
        return self._execution_policy

    @property
    def image_architecture(self) -> Architecture:
        """What images that are built with the app are built for."""
        return self._image_architecture

    def _create_role(self) -> iam.Role:
        description = f"Runs the jobs that validate the algorithm {self.node.path}"
        return create_execution_role(self, description, id="ValidationRole")

    def _bind(self, image: ContainerImage, id: str) -> str:  # noqa: A002
        """Make an image available; return its URI."""
        bound = image.bind(constructs.Construct(self, id), self)
        allow(self._execution_policy, bound.permissions)
        return bound.image_name

    def _describe_inference(self, inference: AlgorithmInference, training_image: str) -> dict[str, Any]:
        image = training_image if inference.image is None else self._bind(inference.image, "Inference")
        description = inference.container_description
        return describe_inference(
            containers=[BoundContainer(image_name=image, container_hostname=None, environment={}, model_data=None)],
            container_descriptions=() if description is None else [description],
            content_types=inference.supported_content_types,
            response_types=inference.supported_response_types,
            realtime_instance_types=inference.supported_realtime_inference_instance_types,
            transform_instance_types=inference.supported_transform_instance_types,
        )


class _ImportedAlgorithm(cdk.Resource):
    def __init__(self, scope: constructs.Construct, id: str, named: ResourceArn) -> None:  # noqa: A002
        super().__init__(scope, id, environment_from_arn=named.arn)
        self.algorithm_arn = named.arn
        self.algorithm_name = named.name


def _check_objectives(problems: Problems, metrics: Mapping[str, str], objectives: Mapping[str, str]) -> None:
    for name, direction in objectives.items():
        problems.check(name in metrics, f"tuning_objectives must be among metrics, got {name!r}")
        problems.one_of(f"tuning_objectives[{name!r}]", direction, ("Maximize", "Minimize"))


def _check_validation(
    problems: Problems,
    validation: AlgorithmValidation,
    channels: Sequence[ChannelSpecification],
    hyperparameters: Sequence[Hyperparameter],
) -> None:
    known, given = {one.name for one in channels}, {one.name for one in validation.channels}
    missing = sorted({one.name for one in channels if one.required} - given)
    problems.check(
        given <= known, f"channels of validation must be those of the algorithm, got {sorted(given - known)}"
    )
    problems.check(not missing, f"channels of validation must hold every required one, got none of {missing}")
    declared, set_to = {one.name for one in hyperparameters}, set(validation.hyperparameters)
    required = {one.name for one in hyperparameters if one.required}
    problems.check(
        set_to <= declared, f"hyperparameters of validation must be declared ones, got {sorted(set_to - declared)}"
    )
    problems.check(
        required <= set_to,
        f"hyperparameters of validation must hold every required one, got none of {sorted(required - set_to)}",
    )
