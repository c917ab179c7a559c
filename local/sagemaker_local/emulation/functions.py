"""A deployed Lambda function with its code, for which moto's API has no address that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends

from sagemaker_local.environment import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_TIMEOUT_IN_SECONDS = 3
_DEFAULT_MEMORY_IN_MIB = 128


@dataclass(frozen=True, kw_only=True)
class Function:
    """What is needed to run a function.

    Attributes:
        name: Its name.
        arn: Its ARN, with the version if it has one.
        version: ``$LATEST`` or a number.
        package: ``Zip`` or ``Image``.
        runtime: Such as ``python3.13``; empty for an image.
        handler: Module and function.
        environment: Its own variables.
        timeout_in_seconds: How long one invocation may take.
        memory_in_mib: What it would have in AWS; not enforced.
        code: The zip archive that was deployed.
    """

    name: str
    arn: str
    version: str
    package: str
    runtime: str
    handler: str
    environment: Mapping[str, str]
    timeout_in_seconds: int
    memory_in_mib: int
    code: bytes


def find_function(region: str, name_or_arn: str, qualifier: str | None) -> Function | None:
    """The function of this name or ARN, or ``None``."""
    backend = lambda_backends[ACCOUNT][region]
    try:
        stored: Any = backend.get_function(name_or_arn, qualifier)
    except (UnknownFunctionException, UnknownAliasException):
        return None
    return Function(
        name=stored.function_name,
        arn=stored.function_arn,
        version=str(stored.version),
        package=stored.package_type,
        runtime=stored.run_time or "",
        handler=stored.handler or "",
        environment={name: str(value) for name, value in stored.environment_vars.items()},
        # CloudFormation passes numbers on as they stand in the template, which may be text.
        timeout_in_seconds=int(stored.timeout or _DEFAULT_TIMEOUT_IN_SECONDS),
        memory_in_mib=int(stored.memory_size or _DEFAULT_MEMORY_IN_MIB),
        code=stored.code_bytes,
    )
