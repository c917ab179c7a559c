"""Instance types that SageMaker hosts on, and the processor architecture each one has."""

from __future__ import annotations

import enum
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sagemaker_hosting import instance_facts
from sagemaker_hosting.instance_type_names import HOSTING_INSTANCE_TYPES, InstanceTypeNames
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import ValidationError

if TYPE_CHECKING:
    from typing import Self


class Architecture(enum.Enum):
    """Processor architecture of an instance, and of the image that runs on it.

    The value is the name that container engines give it.
    """

    X86_64 = "amd64"
    ARM_64 = "arm64"


class InstanceType(InstanceTypeNames):
    """An instance type of SageMaker hosting, such as ``InstanceType.M5_LARGE``."""

    def __init__(self, instance_type: str) -> None:
        """Check the name against the types that SageMaker hosting offers.

        Args:
            instance_type: Name with its ``ml.`` prefix, or a token.

        Raises:
            ValidationError: If no such type exists. ``InstanceType.unchecked`` takes one that is newer than this
                release.
        """
        if not is_token(instance_type) and instance_type not in HOSTING_INSTANCE_TYPES:
            close = get_close_matches(instance_type, HOSTING_INSTANCE_TYPES, n=3)
            hint = f" (did you mean {' or '.join(close)}?)" if close else ""
            raise ValidationError(
                "InstanceType",
                [
                    f"instance_type must be one of the {len(HOSTING_INSTANCE_TYPES)} types that SageMaker hosting "
                    f"offers, got {instance_type!r}{hint}; a type that is newer than this release is made with "
                    f"InstanceType.unchecked({instance_type!r})"
                ],
            )
        self._name = instance_type

    @classmethod
    def of(cls, instance_type: str) -> Self:
        """Return the type of this name; see the constructor."""
        return cls(instance_type)

    @classmethod
    def unchecked(cls, instance_type: str) -> Self:
        """Return the type of this name without asking whether SageMaker offers it."""
        made = cls.__new__(cls)
        made._name = instance_type  # noqa: SLF001  its own
        return made

    @property
    def architecture(self) -> Architecture:
        """What its processor runs, as EC2 describes the type; Graviton types are arm64.

        A token counts as x86-64.
        """
        return Architecture.ARM_64 if instance_facts.architecture(self._name) == "arm64" else Architecture.X86_64

    @property
    def has_local_disks(self) -> bool:
        """Whether its storage are disks of its own, so that it takes no volume and no key for one."""
        return instance_facts.has_local_disks(self._name)

    @property
    def is_burstable(self) -> bool:
        """Whether it is one of the ``t`` families, which cannot be scaled automatically."""
        return instance_facts.is_burstable(self._name)

    def to_string(self) -> str:
        """Return the name, with its ``ml.`` prefix."""
        return self._name

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"InstanceType({self._name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstanceType) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)
