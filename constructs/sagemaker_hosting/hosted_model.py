"""Everything that hosting one model takes, in one construct."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagemaker_hosting.acknowledgement import acknowledge_in_packs
from sagemaker_hosting.container_definition import ContainerDefinition
from sagemaker_hosting.data_permissions import decrypting
from sagemaker_hosting.endpoint import Endpoint
from sagemaker_hosting.endpoint_config import EndpointConfig
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.model import Model
from sagemaker_hosting.model_package import ModelPackage
from sagemaker_hosting.model_package_group import ModelPackageGroup
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.production_variant import InstanceProductionVariantProps
from sagemaker_hosting.serverless_production_variant import ServerlessProductionVariantProps
from sagemaker_hosting.smoke_test import SmokeTest
from sagemaker_hosting.stacks import note_place
from sagemaker_hosting.validation import Problems
from sagemaker_hosting.version_labels import ApprovalStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms

    from sagemaker_hosting.async_inference import AsyncInference
    from sagemaker_hosting.container_description import ContainerDescription
    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.data_capture import DataCapture
    from sagemaker_hosting.deployment import Deployment
    from sagemaker_hosting.invocation_scaling import InvocationScaling
    from sagemaker_hosting.model_data import ModelData
    from sagemaker_hosting.model_package_group import IModelPackageGroup
    from sagemaker_hosting.sample_payloads import SamplePayloads
    from sagemaker_hosting.scalable_instance_count import ScalableInstanceCount
    from sagemaker_hosting.serverless import Serverless
    from sagemaker_hosting.strict import Strict
    from sagemaker_hosting.version_labels import ModelDomain, ModelTask

_VARIANT = "AllTraffic"
_Encrypted = TypeVar("_Encrypted", "AsyncInference", "DataCapture")


class HostedModel(Construct):
    """A model behind an endpoint: image, data, role, model, configuration, endpoint, registry and smoke test.

    Every part is an attribute, to be granted, extended or watched like one made by hand.

    Attributes:
        model: The containers and the role they run with.
        endpoint_config: The one variant, ``AllTraffic``.
        endpoint: What callers invoke.
        model_package_group: The versions of the model in the registry.
        model_package: The version that this deployment registers.
        encryption_key: Key for everything; ``None`` where there is no one key.
        smoke_test: The function that tests the endpoint; ``None`` with ``async_inference``, where answers go to S3.
        instance_count: The number of instances, for further scaling policies; ``None`` without ``scaling``.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        image: ContainerImage,
        payloads: SamplePayloads,
        model_data: ModelData | None = None,
        allow_all_outbound: bool | None = None,
        approval_status: ApprovalStatus = ApprovalStatus.PENDING_MANUAL_APPROVAL,
        async_inference: AsyncInference | None = None,
        container_description: ContainerDescription | None = None,
        container_startup_health_check_timeout: cdk.Duration | None = None,
        data_capture: DataCapture | None = None,
        deployment: Deployment | None = None,
        description: str | None = None,
        domain: ModelDomain | None = None,
        encryption_key: kms.IKey | None = None,
        endpoint_name: str | None = None,
        environment: Mapping[str, str] | None = None,
        initial_instance_count: int | None = None,
        instance_type: InstanceType = InstanceType.T2_MEDIUM,
        model_package_group: IModelPackageGroup | None = None,
        network_isolation: bool | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        role: iam.IRole | None = None,
        scaling: InvocationScaling | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        serverless: Serverless | None = None,
        smoke_test_gate: bool = False,
        smoke_test_timeout: cdk.Duration | None = None,
        strict: Strict | None = None,
        supported_realtime_inference_instance_types: Sequence[InstanceType] | None = None,
        supported_transform_instance_types: Sequence[InstanceType] = (),
        task: ModelTask | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        """Create all parts.

        Args:
            scope: Parent.
            id: Id below the parent.
            image: What the container runs. One that is built with the app is built for the instance type.
            payloads: Sample requests and expected answers. They are what the smoke test sends, and their MIME types
                and bodies describe the version in the registry.
            model_data: What SageMaker puts into ``/opt/ml/model``. Without it, the image brings its model along.
            allow_all_outbound: Whether the container may open connections to everything that the VPC reaches. Without
                it, it may. With ``False``, ``hosted.model.connections`` must let it reach Amazon S3 for model data: see
                ``HostingVpcEndpoints``. Excludes ``security_groups``.
            approval_status: Approval of the version in the registry; the endpoint does not wait for it.
            async_inference: Where requests come from and answers go, if they wait in a queue. Without it, callers get
                their answers at once. Excludes ``smoke_test_gate`` and ``scaling``, which need that.
            container_description: Framework, version, nearest model and input shape, for Inference Recommender and
                SageMaker Neo. Without it, the registry knows no more than what runs in the container.
            container_startup_health_check_timeout: How long the container may take to pass the health check, 60
                seconds to 1 hour. Without it, SageMaker's own limit holds.
            data_capture: Which requests and answers are kept. Without it, none are.
            deployment: How an update reaches callers, and what takes it back. Without it, all requests move to a new
                fleet in one step, and nothing is watched.
            description: What the model is for; shown in the registry, at most 1,024 characters.
            domain: What kind of data the model works on, for Inference Recommender.
            encryption_key: Key for everything: it encrypts the storage of the instances, what data capture keeps, and
                asynchronous answers, unless these have keys of their own, and the role may decrypt model data with it.
                Its policy must leave the use to IAM, as that of a ``kms.Key`` does. Instances with local disks encrypt
                these with a key of their own; there, it is for the rest. Without it, AWS and the buckets decide.
            endpoint_name: Physical name of the endpoint. Without it, CloudFormation makes one.
            environment: Environment variables of the container.
            initial_instance_count: Instances to begin with, at least 1. Without it, 1.
            instance_type: Type of the instances. With ``serverless``, only the version in the registry names it.
            model_package_group: The group to register in. Without it, one is made.
            network_isolation: Whether the container is cut off from the network. Without it, it is not.
            removal_policy: What happens to the versions in the registry when they leave the stack. Without it, they
                are kept, except those of a deployment that is rolled back.
            role: Role the container runs with, as for ``Model``. Without it, one is made.
            scaling: How the number of instances follows the load. Without it, it stays.
            security_groups: 1 to 5 security groups that filter the traffic of the container. Without it, one is made if
                there is a VPC.
            serverless: Hosts the model without instances. Excludes what instances have: data capture, queue, key,
                network, number, scaling and startup timeout.
            smoke_test_gate: Whether a wrong answer fails the deployment, so that CloudFormation rolls it back.
            smoke_test_timeout: How long all payloads together may take. Without it, 30 seconds.
            strict: Puts everything into a VPC, isolates the container and encrypts all with one key, so that packs of
                security rules have nothing to say. Excludes ``encryption_key``, ``serverless``, ``vpc`` and
                ``vpc_subnets``. Without it, what costs nothing.
            supported_realtime_inference_instance_types: Types that the registry names as those to host the version on,
                which Inference Recommender tries; of the architecture of ``instance_type``. Without them,
                ``instance_type``.
            supported_transform_instance_types: Types for batch transform jobs with the version. Without them, any.
            task: What the model does, for Inference Recommender.
            vpc: VPC that the container reaches. It must lead to Amazon S3, for example by ``HostingVpcEndpoints``.
                Without it, the container reaches the internet from a network of AWS.
            vpc_subnets: 2 to 16 subnets of the VPC in different Availability Zones. Without it, the private ones.

        Raises:
            ValidationError: If an argument is outside the limits of the part it belongs to.
        """
        super().__init__(scope, id)
        note_place(self, scope, id)
        problems = Problems(lambda: f"HostedModel '{self.node.path}'")
        for name, value in (
            ("container_startup_health_check_timeout", container_startup_health_check_timeout),
            ("initial_instance_count", initial_instance_count),
            ("scaling", scaling),
        ):
            problems.check(
                serverless is None or value is None,
                f"{name} must not be given together with serverless, which has no instances",
            )
        for name, value in (("smoke_test_gate", smoke_test_gate or None), ("scaling", scaling)):
            problems.check(
                async_inference is None or value is None,
                f"{name} must not be given together with async_inference, whose callers wait for no answer",
            )
        for name, missing in (
            ("encryption_key", encryption_key is None),
            ("serverless", serverless is None),
            ("vpc", vpc is None),
            ("vpc_subnets", vpc_subnets is None),
        ):
            problems.check(
                strict is None or missing, f"{name} must not be given together with strict, which excludes it"
            )
        hosting_types = (
            [instance_type]
            if supported_realtime_inference_instance_types is None
            else supported_realtime_inference_instance_types
        )
        for argument, types in (
            ("supported_realtime_inference_instance_types", hosting_types),
            ("supported_transform_instance_types", supported_transform_instance_types),
        ):
            other = [one.to_string() for one in types if one.architecture is not instance_type.architecture]
            problems.check(
                not other,
                f"{argument} must be of the architecture {instance_type.architecture.value}, which the image has, "
                f"got {', '.join(other)}",
            )
        problems.raise_if_any()
        if strict is not None:
            encryption_key = strict.key_for(self)
            network_isolation = True if network_isolation is None else network_isolation
            vpc, vpc_subnets = strict.vpc, strict.vpc_subnets
        self.encryption_key = encryption_key
        self.model = Model(
            self,
            "Model",
            containers=[
                ContainerDefinition(
                    image=image, model_data=model_data, environment={} if environment is None else environment
                )
            ],
            allow_all_outbound=allow_all_outbound,
            image_architecture=instance_type.architecture,
            network_isolation=network_isolation,
            role=role,
            security_groups=security_groups,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
        )
        allow(self.model.execution_policy, decrypting(encryption_key))
        self.endpoint_config = EndpointConfig(
            self,
            "EndpointConfig",
            async_inference=_encrypted(async_inference, encryption_key),
            data_capture=_encrypted(data_capture, encryption_key),
            encryption_key=None if serverless is None and instance_type.has_local_disks else encryption_key,
            instance_production_variants=()
            if serverless is not None
            else [
                InstanceProductionVariantProps(
                    model=self.model,
                    variant_name=_VARIANT,
                    container_startup_health_check_timeout=container_startup_health_check_timeout,
                    initial_instance_count=1 if initial_instance_count is None else initial_instance_count,
                    instance_type=instance_type,
                )
            ],
            serverless_production_variant=None
            if serverless is None
            else ServerlessProductionVariantProps(
                max_concurrency=serverless.max_concurrency,
                memory_size_in_mb=serverless.memory_size_in_mb,
                model=self.model,
                variant_name=_VARIANT,
                provisioned_concurrency=serverless.provisioned_concurrency,
            ),
        )
        if instance_type.has_local_disks:
            acknowledge_in_packs(
                self.endpoint_config,
                "SageMakerEndpointConfigurationKMSKeyConfigured",
                "The local disks of these instances encrypt themselves, and SageMaker takes no key for them.",
            )
        self.endpoint = Endpoint(
            self,
            "Endpoint",
            deployment=deployment,
            endpoint_config=self.endpoint_config,
            endpoint_name=endpoint_name,
        )
        self.instance_count: ScalableInstanceCount | None = (
            None if scaling is None else scaling.bind(self.endpoint.find_instance_production_variant(_VARIANT))
        )
        self.model_package_group = (
            # Without the description: that of a group cannot be changed.
            ModelPackageGroup(self, "ModelPackageGroup", removal_policy=removal_policy)
            if model_package_group is None
            else model_package_group
        )
        self.model_package = ModelPackage(
            self,
            "ModelPackage",
            model=self.model,
            model_package_group=self.model_package_group,
            approval_status=approval_status,
            container_descriptions=() if container_description is None else [container_description],
            description=description,
            domain=domain,
            removal_policy=removal_policy,
            sample_payloads=payloads,
            supported_content_types=payloads.content_types,
            supported_realtime_inference_instance_types=hosting_types,
            supported_response_types=payloads.response_types,
            supported_transform_instance_types=supported_transform_instance_types,
            task=task,
        )
        self.smoke_test: SmokeTest | None = None
        if async_inference is None:
            self.smoke_test = SmokeTest(
                self,
                "SmokeTest",
                endpoint=self.endpoint,
                payloads=payloads,
                encryption_key=None if strict is None else encryption_key,
                gate=smoke_test_gate,
                reserved_concurrency=None if strict is None else 1,
                timeout=smoke_test_timeout,
                vpc=None if strict is None else vpc,
                vpc_subnets=None if strict is None else vpc_subnets,
            )


def _encrypted(given: _Encrypted | None, key: kms.IKey | None) -> _Encrypted | None:
    if given is None or given.encryption_key is not None:
        return given
    return replace(given, encryption_key=key)
