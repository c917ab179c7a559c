import re
from dataclasses import dataclass
from functools import cache

from sagemaker_hosting import instance_facts
from sagemaker_hosting.facts import facts

_INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What one instance of a type offers."""

    vcpus: int
    memory_mib: int
    local_storage_gb: int
    accelerator: str
    accelerators: int
    architecture: str


def family(instance_type: str) -> str:
    """The family of a type, such as ``g5`` of ``ml.g5.xlarge``."""
    return instance_type.split(".")[1] if _INSTANCE.fullmatch(instance_type) else ""


@cache
def known(use: str) -> frozenset[str]:
    """The instance types of a use: ``hosting``, ``transform``, ``training`` or ``processing``."""
    return frozenset(facts("limits")["instance_types"][use])


def is_new(instance_type: str) -> bool:
    """Whether the name is well-formed but of a family that no use knows, as a family of tomorrow would be."""
    return bool(family(instance_type)) and family(instance_type) not in _families()


@cache
def _families() -> frozenset[str]:
    uses = facts("limits")["instance_types"].values()
    return frozenset(family(name) for types in uses for name in types)


def hardware(instance_type: str) -> Hardware | None:
    """The hardware of a type, or ``None`` where it is not published."""
    row = facts("instances")["instances"].get(instance_type)
    return Hardware(*row) if row is not None else None


def is_graviton(instance_type: str) -> bool:
    """Whether the processor is an Arm one, so that x86-64 programs do not start."""
    return instance_facts.architecture(instance_type) == "arm64"


def accelerator(instance_type: str) -> str | None:
    """``gpu``, ``neuron`` or ``other``; empty without one; ``None`` where the type is not known."""
    if instance_type not in known("hosting"):
        return None
    table = facts("catalog")["accelerators"]
    return next((kind for kind in ("gpu", "neuron", "other") if family(instance_type) in table[kind]), "")


def is_burstable(instance_type: str) -> bool:
    """Whether the type earns CPU credits, which Application Auto Scaling does not accept."""
    return instance_facts.is_burstable(instance_type)


def has_local_storage(instance_type: str) -> bool:
    """Whether the type comes with NVMe disks, in place of a volume whose size can be chosen."""
    return instance_facts.has_local_disks(instance_type)


def offered(instance_type: str, region: str) -> bool | None:
    """Whether hosting offers the type in a Region; ``None`` where the price list does not say."""
    families = facts("offers")["regions"].get(region)
    if families is None or instance_type not in known("hosting"):
        return None
    _, name, size = instance_type.split(".")
    if not any(name in other for other in facts("offers")["regions"].values()):
        return None
    return size in families.get(name, "").split()
