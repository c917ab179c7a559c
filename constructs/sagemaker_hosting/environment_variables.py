"""What SageMaker allows as the environment of a container or a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sagemaker_hosting.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sagemaker_hosting.validation import Problems

_LONGEST_NAME = 1024


def check_environment(
    problems: Problems, environment: Mapping[str, str] | None, *, most: int = 100, longest_value: int = 1024
) -> None:
    """Record variables that SageMaker refuses.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformJobDefinition.html

    Args:
        problems: Where to record.
        environment: Values by name; ``None`` for what was not given.
        most: How many variables there may be.
        longest_value: How many characters a value may have.
    """
    variables = {} if environment is None else environment
    problems.check(len(variables) <= most, f"environment must hold at most {most} variables, got {len(variables)}")
    for name, value in variables.items():
        if not is_token(name):
            problems.check(
                re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) is not None and len(name) <= _LONGEST_NAME,
                "environment names must be letters, digits and underscores, not beginning with a digit, of at most "
                f"{_LONGEST_NAME} characters, got {name!r}",
            )
        if not isinstance(value, str):
            problems.add(f"environment[{name!r}] must be text, got {value!r}")
        elif not is_token(value) and len(value) > longest_value:
            problems.add(f"environment[{name!r}] must have at most {longest_value} characters, got {len(value)}")
