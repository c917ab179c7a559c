"""An input channel that an algorithm takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_DESCRIPTION = 1024
_COMPRESSIONS = ("None", "Gzip")
_MODES = ("File", "FastFile", "Pipe")


@dataclass(frozen=True, kw_only=True)
class ChannelSpecification:
    """A channel of training data, as an algorithm declares it.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ChannelSpecification.html

    Args:
        name: Its name, the folder below ``/opt/ml/input/data``: 1 to 64 letters, digits, dots, hyphens and underscores.
        content_types: MIME types of its data, each of at most 256 characters, at least one.
        compression_types: How its data may be compressed. Without it, SageMaker takes what comes.
        description: What it is for, at most 1,024 characters.
        input_modes: How its data may reach the container, at least one: as files, as files that are fetched when they
            are opened, or through a pipe.
        required: Whether a training job must have it.

    Raises:
        ValidationError: If a value is outside these limits.
    """

    name: str
    content_types: Sequence[str]
    compression_types: Sequence[Literal["None", "Gzip"]] = ()
    description: str | None = None
    input_modes: Sequence[Literal["File", "FastFile", "Pipe"]] = ("File",)
    required: bool = True

    def __post_init__(self) -> None:
        problems = Problems(f"ChannelSpecification {self.name!r}")
        check_channel_name(problems, self.name)
        problems.length("description", self.description, 0, _LONGEST_DESCRIPTION)
        problems.check(bool(self.content_types), "content_types must hold at least one type, got none")
        problems.check(bool(self.input_modes), "input_modes must hold at least one mode, got none")
        for one in self.content_types:
            problems.matches("content_types", one, r".{1,256}", "types of 1 to 256 characters")
        for compression in self.compression_types:
            problems.one_of("compression_types", compression, _COMPRESSIONS)
        for mode in self.input_modes:
            problems.one_of("input_modes", mode, _MODES)
        problems.raise_if_any()

    def describe(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        described: dict[str, Any] = {
            "Name": self.name,
            "IsRequired": self.required,
            "SupportedContentTypes": list(self.content_types),
            "SupportedInputModes": list(self.input_modes),
        }
        if self.description is not None:
            described["Description"] = self.description
        if self.compression_types:
            described["SupportedCompressionTypes"] = list(self.compression_types)
        return described


def check_channel_name(problems: Problems, name: str) -> None:
    """Record a name that no channel can have."""
    problems.matches("name", name, r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, dots, hyphens and underscores")
