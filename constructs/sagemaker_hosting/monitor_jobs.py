"""What the jobs of a monitor run on and with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.data_permissions import encrypting, using_volumes
from sagemaker_hosting.instance_type import InstanceType
from sagemaker_hosting.offered_instance_types import check_offered
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from sagemaker_hosting.container_image import ContainerImage
    from sagemaker_hosting.job_network import JobNetwork

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringClusterConfig.html and its neighbours
_MOST_INSTANCES = 100
_LARGEST_VOLUME = 16384
_LONGEST_RUNTIME = 86400
_MOST_VARIABLES = 49
_PUBLISH = "publish_cloudwatch_metrics"


@dataclass(frozen=True, kw_only=True)
class MonitorJobs:
    """Machines, network and container of the processing jobs of a monitor.

    Args:
        encrypt_traffic: Whether what the instances of a job say to each other is encrypted.
        encryption_key: Key that encrypts the storage of the instances. Without it, they use a key of AWS.
        environment: Environment variables of the container, at most 49.
        image: What computes. Without it, AWS's own for this kind of monitor.
        instance_count: Instances, 1 to 100.
        instance_type: Type of the instances.
        max_runtime: How long a job may take, 1 second to what the schedule leaves it: its period, but no more than half
            of an hour for model quality and bias every hour. Without it, 1 hour, or half of one for these two.
            https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
        network: The VPC that the container is connected to. Without it, it is in none of this account.
        network_isolation: Whether the container is cut off from the network.
        publish_metrics: Whether CloudWatch gets what was computed.
        role: Role the container runs with; its trust policy must name ``sagemaker.amazonaws.com``. Without it, one is
            made.
        volume_size_in_gb: Storage of each instance, 1 to 16,384 GB.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    encrypt_traffic: bool = False
    encryption_key: kms.IKey | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    image: ContainerImage | None = None
    instance_count: int = 1
    instance_type: InstanceType = InstanceType.M5_XLARGE
    max_runtime: cdk.Duration | None = None
    network: JobNetwork | None = None
    network_isolation: bool = False
    publish_metrics: bool = True
    role: iam.IRole | None = None
    volume_size_in_gb: int = 30

    def __post_init__(self) -> None:
        problems = Problems("MonitorJobs")
        problems.between("environment", len(self.environment), 0, _MOST_VARIABLES, "variables")
        problems.check(
            _PUBLISH not in self.environment, f"environment must not have {_PUBLISH}, which publish_metrics sets"
        )
        problems.between("instance_count", self.instance_count, 1, _MOST_INSTANCES, "instances")
        check_offered(problems, "instance_type", [self.instance_type], "processing")
        problems.duration("max_runtime", self.max_runtime, 1, _LONGEST_RUNTIME)
        problems.between("volume_size_in_gb", self.volume_size_in_gb, 1, _LARGEST_VOLUME, "GB")
        problems.raise_if_any()

    def variables(self) -> dict[str, str]:
        """Return the environment of the container."""
        return {**self.environment, _PUBLISH: "Enabled" if self.publish_metrics else "Disabled"}

    def render(self, scope: Construct, policy: iam.Policy, longest: int) -> dict[str, Any]:
        """Describe the machines and their network to CloudFormation.

        Args:
            scope: Where a security group is created, if the network has none.
            policy: The policy of the jobs.
            longest: Seconds that a job may take, if nothing else was given.
        """
        allow(policy, [*using_volumes(self.encryption_key), *encrypting(self.encryption_key)])
        cluster: dict[str, Any] = {
            "instance_count": self.instance_count,
            "instance_type": self.instance_type.to_string(),
            "volume_size_in_gb": self.volume_size_in_gb,
        }
        if self.encryption_key is not None:
            cluster["volume_kms_key_id"] = self.encryption_key.key_arn
        network: dict[str, Any] = {
            "enable_inter_container_traffic_encryption": self.encrypt_traffic,
            "enable_network_isolation": self.network_isolation,
        }
        if self.network is not None:
            vpc = self.network.bind(scope, policy)
            network["vpc_config"] = {"security_group_ids": vpc["SecurityGroupIds"], "subnets": vpc["Subnets"]}
        runtime = longest if self.max_runtime is None else int(self.max_runtime.to_seconds())
        return {
            "job_resources": {"cluster_config": cluster},
            "network_config": network,
            "stopping_condition": {"max_runtime_in_seconds": runtime},
        }
