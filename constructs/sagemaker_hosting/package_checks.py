"""What an unversioned model package needs, and what metadata may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker_hosting.instance_type import InstanceType
    from sagemaker_hosting.validation import Problems
    from sagemaker_hosting.version_labels import ApprovalStatus

_MOST_METADATA = 50


def check_unversioned(
    problems: Problems,
    instance_types: Mapping[str, Sequence[InstanceType]],
    approval_status: ApprovalStatus | None,
    *,
    certified_without_validation: bool,
) -> None:
    """Record what a package without a group lacks, or has too much."""
    for name, types in instance_types.items():
        problems.check(bool(types), f"{name} must hold at least one type without model_package_group, got none")
    problems.check(
        approval_status is None, "approval_status must not be given without model_package_group: only versions have one"
    )
    problems.check(
        not certified_without_validation, "validation must be given together with certify_for_marketplace, got none"
    )


def check_metadata(problems: Problems, metadata: Mapping[str, str] | None) -> None:
    """Record names and values that the registry refuses."""
    if metadata is None:
        return
    problems.between("the number of values in customer_metadata", len(metadata), 1, _MOST_METADATA, "values")
    for name, value in metadata.items():
        for argument, text, longest in (
            ("names in customer_metadata", name, 128),
            (f"customer_metadata[{name!r}]", value, 256),
        ):
            problems.matches(
                argument,
                text,
                rf"[\w\s.:/=+@-]{{1,{longest}}}",
                f"1 to {longest} letters, digits, spaces and _ . : / = + - @",
            )
