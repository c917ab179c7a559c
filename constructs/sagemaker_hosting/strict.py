"""What a model costs more, so that packs of security rules have nothing to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_kms as kms

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Strict:
    """Puts a ``HostedModel`` into a VPC, isolates its container, and encrypts all of it with one key.

    With it, the rules of NIST 800-53, HIPAA and PCI in cdk-nag are kept, or acknowledged where they are about something
    else, on the very construct.

    Args:
        vpc: Where the container and the smoke test are. From its subnets both must reach Amazon S3, and the smoke test
            the endpoint too: see ``HostingVpcEndpoints``.
        encryption_key: Key for everything, logs included. CloudWatch must be allowed to use it, which is seen to
            for a key of the same app. Without it, one is made, which is rotated every year and kept when the stack
            goes; AWS bills it by the month.
        vpc_subnets: 2 to 16 subnets of the VPC in different Availability Zones. Without it, the private ones.
    """

    vpc: ec2.IVpc
    encryption_key: kms.IKey | None = None
    vpc_subnets: ec2.SubnetSelection | None = None

    def key_for(self, scope: Construct) -> kms.IKey:
        """Return the key that was given, or make one.

        Args:
            scope: What is encrypted; the key is made below it.
        """
        if self.encryption_key is not None:
            return self.encryption_key
        return kms.Key(scope, "Key", description=f"Everything of {scope.node.path}", enable_key_rotation=True)
