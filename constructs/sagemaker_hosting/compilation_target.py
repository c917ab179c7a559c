"""What SageMaker Neo compiles a model for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputConfig.html; a test compares with botocore
TARGET_DEVICES = (
    "lambda",
    "ml_m4",
    "ml_m5",
    "ml_m6g",
    "ml_c4",
    "ml_c5",
    "ml_c6g",
    "ml_p2",
    "ml_p3",
    "ml_g4dn",
    "ml_inf1",
    "ml_inf2",
    "ml_trn1",
    "ml_eia2",
    "jetson_tx1",
    "jetson_tx2",
    "jetson_nano",
    "jetson_xavier",
    "rasp3b",
    "rasp4b",
    "imx8qm",
    "deeplens",
    "rk3399",
    "rk3288",
    "aisage",
    "sbe_c",
    "qcs605",
    "qcs603",
    "sitara_am57x",
    "amba_cv2",
    "amba_cv22",
    "amba_cv25",
    "x86_win32",
    "x86_win64",
    "coreml",
    "jacinto_tda4vm",
    "imx8mplus",
)
TARGET_SYSTEMS = ("ANDROID", "LINUX")
TARGET_ARCHITECTURES = ("X86_64", "X86", "ARM64", "ARM_EABI", "ARM_EABIHF")
TARGET_ACCELERATORS = ("INTEL_GRAPHICS", "MALI", "NVIDIA", "NNA")
_NVIDIA = "NVIDIA"
_LONGEST_OPTIONS = 1024


class CompilationTarget:
    """A device that Neo knows, or a platform that is described."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Keep what describes it; see ``device`` and ``platform``.

        Args:
            fields: Parameters of ``CreateCompilationJob``.
        """
        self._fields = dict(fields)

    @staticmethod
    def device(name: str, *, compiler_options: Mapping[str, Any] | None = None) -> CompilationTarget:
        """Return a device.

        Args:
            name: For example ``ml_c5`` for the instances of that family, or ``jetson_nano``.
            compiler_options: At most 1,024 characters as JSON. Without them, those that Neo takes by itself.

        Raises:
            ValidationError: If Neo knows no such device, or the options are too long.
        """
        problems = Problems("CompilationTarget.device")
        problems.check(
            name in TARGET_DEVICES, f"name must be one of the {len(TARGET_DEVICES)} devices of Neo, got {name!r}"
        )
        options = _options(problems, compiler_options)
        problems.raise_if_any()
        return CompilationTarget({"TargetDevice": name, **options})

    @staticmethod
    def platform(
        *,
        arch: str,
        os: str,
        accelerator: str | None = None,
        compiler_options: Mapping[str, Any] | None = None,
    ) -> CompilationTarget:
        """Return a platform.

        Args:
            arch: ``X86_64``, ``X86``, ``ARM64``, ``ARM_EABI`` or ``ARM_EABIHF``.
            os: ``LINUX`` or ``ANDROID``.
            accelerator: ``NVIDIA``, ``MALI``, ``INTEL_GRAPHICS`` or ``NNA``. Without it, the processor alone.
            compiler_options: At most 1,024 characters as JSON; ``NVIDIA`` needs them. Without them, those that Neo
                takes by itself.

        Raises:
            ValidationError: If Neo knows no such platform, or the options are missing or too long.
        """
        problems = Problems("CompilationTarget.platform")
        for name, value, allowed in (
            ("arch", arch, TARGET_ARCHITECTURES),
            ("os", os, TARGET_SYSTEMS),
            ("accelerator", accelerator, (None, *TARGET_ACCELERATORS)),
        ):
            known = ", ".join(one for one in allowed if one is not None)
            problems.check(value in allowed, f"{name} must be one of {known}, got {value!r}")
        problems.check(
            accelerator != _NVIDIA or compiler_options is not None,
            "compiler_options must be given for the accelerator NVIDIA: gpu-code, trt-ver and cuda-ver",
        )
        options = _options(problems, compiler_options)
        problems.raise_if_any()
        platform = {"Os": os, "Arch": arch, **({} if accelerator is None else {"Accelerator": accelerator})}
        return CompilationTarget({"TargetPlatform": platform, **options})

    def render(self) -> dict[str, Any]:
        """Describe it to ``CreateCompilationJob``."""
        return dict(self._fields)


def _options(problems: Problems, options: Mapping[str, Any] | None) -> dict[str, str]:
    if options is None:
        return {}
    text = json.dumps(options, sort_keys=True)
    problems.between("the length of compiler_options", len(text), 3, _LONGEST_OPTIONS, "characters")
    return {"CompilerOptions": text}
