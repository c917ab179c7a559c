"""Where a model version comes from."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sagemaker_hosting.validation import Problems

_LONGEST_VALUE = 1024


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What made a version; each at most 1,024 characters.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetadataProperties.html

    Args:
        commit_id: The commit that it was built from. Given here, each commit registers a version of its own.
        repository: The repository of the commit.
        generated_by: The program or pipeline.
        project_id: The project.

    Raises:
        ValidationError: If a value is longer.
    """

    commit_id: str | None = None
    repository: str | None = None
    generated_by: str | None = None
    project_id: str | None = None

    def __post_init__(self) -> None:
        problems = Problems("Provenance")
        for field in fields(self):
            problems.length(field.name, getattr(self, field.name), 0, _LONGEST_VALUE)
        problems.raise_if_any()
