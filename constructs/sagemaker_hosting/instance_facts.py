"""What is known of an instance type by its name: the one source of ``InstanceType`` and of preflight."""

from __future__ import annotations

import re
from typing import Literal

from sagemaker_hosting.facts import facts

_ARCHITECTURE = 5


def is_in_family(instance_type: str, table: str) -> bool:
    """Whether the family of a type, such as ``g5`` of ``ml.g5.xlarge``, is in a table of the catalog."""
    found = re.match(r"ml\.([a-z0-9-]+)\.", instance_type)
    return found is not None and found[1] in facts("catalog")[table]["families"]


def architecture(instance_type: str) -> Literal["x86_64", "arm64"]:
    """Return what the processor runs: as EC2 describes the type, else as its name says, else x86-64.

    A ``g`` right after the generation, as in ``ml.c7g.large``, is Graviton.
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    described = facts("instances")["instances"].get(instance_type)
    if described is not None:
        return "arm64" if described[_ARCHITECTURE] == "arm64" else "x86_64"
    named = re.match(r"ml\.[a-z]+\d+g[a-z]*\.", instance_type) is not None
    return "arm64" if named or is_in_family(instance_type, "arm") else "x86_64"


def has_local_disks(instance_type: str) -> bool:
    """Whether its storage are disks of its own, so that neither size nor key of a volume can be chosen.

    A ``d`` behind the generation says so, as in ``ml.g4dn.xlarge``, or the family is known for it.
    https://docs.aws.amazon.com/sagemaker/latest/dg/host-instance-storage.html
    """
    named = re.match(r"ml\.[a-z]+\d+[a-z]*d[a-z]*\.", instance_type) is not None
    return named or is_in_family(instance_type, "volume_not_configurable")


def is_burstable(instance_type: str) -> bool:
    """Whether the type earns CPU credits, which Application Auto Scaling does not accept."""
    return is_in_family(instance_type, "burstable")
