"""The images that AWS publishes for machine learning frameworks."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagemaker_hosting.facts import facts
from sagemaker_hosting.instance_type import Architecture
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable


class Framework(enum.Enum):
    """What an image that AWS publishes serves. ``versions`` lists what there is of it."""

    AUTOGLUON = "autogluon"
    DJL_DEEPSPEED = "djl-deepspeed"
    DJL_LMI = "djl-lmi"
    DJL_NEURONX = "djl-neuronx"
    DJL_TENSORRTLLM = "djl-tensorrtllm"
    HUGGING_FACE = "huggingface"
    HUGGING_FACE_LLM = "huggingface-llm"
    HUGGING_FACE_TEI = "huggingface-tei"
    MXNET = "mxnet"
    NEO_IMAGE_CLASSIFICATION = "neo-image-classification"
    NEO_MXNET = "neo-mxnet"
    NEO_PYTORCH = "neo-pytorch"
    NEO_TENSORFLOW = "neo-tensorflow"
    NEO_XGBOOST = "neo-xgboost"
    PYTORCH = "pytorch"
    SCIKIT_LEARN = "scikit-learn"
    SPARKML = "sparkml"
    TENSORFLOW = "tensorflow"
    TRITON = "triton"
    XGBOOST = "xgboost"

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that there are images of, oldest first."""
        prefix = f"{self.value} "
        return tuple(name.removeprefix(prefix) for name in facts("images")["images"] if name.startswith(prefix))

    def environment(self, entry_point: str | None) -> dict[str, str]:
        """Return what tells the container which script to import.

        Args:
            entry_point: A file in ``code/`` of the model data. Without it, ``inference.py`` if the container has no
                default of its own, and nothing if it has.
        """
        if entry_point is None and self not in _WITHOUT_DEFAULT_SCRIPT:
            return {}
        return {
            "SAGEMAKER_PROGRAM": _SCRIPT if entry_point is None else entry_point,
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        }


class Processor(enum.Enum):
    """What an image that AWS publishes computes on."""

    CPU = "cpu"
    GPU = "gpu"
    GRAVITON = "graviton"
    INFERENTIA = "inferentia"
    NEURONX = "neuronx"

    @property
    def architecture(self) -> Architecture:
        """Architecture of the machines that such an image runs on."""
        return Architecture.ARM_64 if self is Processor.GRAVITON else Architecture.X86_64


_SCRIPT = "inference.py"

# https://github.com/aws/sagemaker-scikit-learn-container and
# https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-boto3.html
_WITHOUT_DEFAULT_SCRIPT = (Framework.SCIKIT_LEARN, Framework.NEO_PYTORCH, Framework.NEO_MXNET)


@dataclass(frozen=True, kw_only=True)
class FrameworkImage:
    """One published image.

    Attributes:
        processor: What it computes on.
        python: Its Python, such as ``py312``; empty where AWS does not say.
        base_framework: What Hugging Face's libraries run on, such as ``pytorch2.6.0``; empty for other frameworks.
        repository: Name of the repository.
        tag: Tag of the image.
        accounts: The account that publishes it, in each region that it is published in.
    """

    processor: Processor
    python: str
    base_framework: str
    repository: str
    tag: str
    accounts: dict[str, str]

    @classmethod
    def find(
        cls,
        framework: Framework,
        version: str,
        *,
        base_framework: str | None,
        processor: Processor | None,
        python_version: str | None,
    ) -> tuple[FrameworkImage, ...]:
        """Return the images of a version that the other arguments, if given, leave; the newest last.

        Args:
            framework: What the image serves.
            version: A version, or the beginning of one, which is the newest that begins so.
            base_framework: What it runs on, or the beginning of it.
            processor: What it computes on.
            python_version: Its Python.

        Raises:
            ValidationError: If there is none; it says what there is.
        """
        problems = Problems("ContainerImage.from_framework")
        found = tuple(cls._of(*row) for row in facts("images")["images"].get(_entry(framework, version), ()))
        if not found:
            problems.add(
                f"version must be one of {', '.join(framework.versions)} for {framework.name}, got {version!r}"
            )
        problems.raise_if_any()
        for name, value, allowed in (
            ("processor", processor, {image.processor.name: image.processor for image in found}),
            ("python_version", python_version, {image.python: image.python for image in found if image.python}),
        ):
            problems.check(
                value is None or value in allowed.values(),
                f"{name} must be {_one_of(allowed)} for {framework.name} {version}, got "
                f"{value.name if isinstance(value, Processor) else repr(value)}",
            )
        bases = [image.base_framework for image in found if image.base_framework]
        problems.check(
            base_framework is None or any(_begins(base, base_framework) for base in bases),
            f"base_framework must be {_one_of(bases)} for {framework.name} {version}, got {base_framework!r}",
        )
        problems.raise_if_any()
        left = tuple(
            image
            for image in found
            if (processor is None or image.processor is processor)
            and (python_version is None or image.python == python_version)
            and (base_framework is None or _begins(image.base_framework, base_framework))
        )
        problems.check(
            bool(left),
            f"processor, python_version and base_framework must go together for {framework.name} {version}, which has "
            + ", ".join(" ".join(filter(None, (i.processor.name, i.python, i.base_framework))) for i in found),
        )
        problems.raise_if_any()
        return left

    @classmethod
    def _of(cls, processor: str, python: str, base: str, repository: str, tag: str, accounts: int) -> FrameworkImage:
        return cls(
            processor=Processor(processor),
            python=python,
            base_framework=base,
            repository=repository,
            tag=tag,
            accounts=facts("images")["accounts"][str(accounts)],
        )


def _entry(framework: Framework, version: str) -> str:
    same = [known for known in framework.versions if _begins(known, version)]
    return f"{framework.value} {version if version in same or not same else same[-1]}"


def _begins(text: str, beginning: str) -> bool:
    """Whether a version, or a name with one, goes on after another without making one of its numbers longer."""
    rest = text.removeprefix(beginning)
    goes_on = bool(beginning) and rest != text and not (beginning[-1].isdigit() and rest[:1].isdigit())
    return text == beginning or goes_on


def _one_of(allowed: Iterable[str]) -> str:
    names = list(dict.fromkeys(allowed))
    return f"one of {', '.join(names)}" if len(names) > 1 else (names[0] if names else "left out")
