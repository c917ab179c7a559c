"""A hyperparameter of an algorithm: its type, its range, and what it is without being given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sagemaker_hosting.hyperparameter_file import read_declarations
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LONGEST_NAME = 256
_LONGEST_DESCRIPTION = 1024
_LONGEST_DEFAULT = 2500
_LONGEST_VALUE = 256
_MOST_VALUES = 30


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """A hyperparameter that an algorithm declares; made by ``integer``, ``continuous``, ``categorical``, ``free_text``.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html

    Args:
        name: Its name, 1 to 256 characters.
        kind: What its values are.
        default: What it is without being given. Excludes ``required``.
        description: What it is for, at most 1,024 characters.
        maximum: Largest value of a number.
        minimum: Smallest value of a number.
        required: Whether a training job must give it.
        tunable: Whether a tuning job may search for its best value; that needs a range or values.
        values: All values of a categorical one, 1 to 30 of at most 256 characters.

    Raises:
        ValidationError: If a value is outside these limits, or the default is outside the range.
    """

    name: str
    kind: Literal["Integer", "Continuous", "Categorical", "FreeText"]
    default: str | float | None = None
    description: str | None = None
    maximum: float | None = None
    minimum: float | None = None
    required: bool = False
    tunable: bool = False
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = Problems(f"Hyperparameter {self.name!r}")
        problems.length("name", self.name, 1, _LONGEST_NAME)
        problems.length("description", self.description, 0, _LONGEST_DESCRIPTION)
        problems.check(
            not self.required or self.default is None,
            f"default must not be given if it is required, got {self.default!r}",
        )
        if self.kind in ("Integer", "Continuous"):
            self._check_number(problems)
        else:
            self._check_text(problems)
        problems.raise_if_any()

    @staticmethod
    def integer(
        name: str,
        *,
        minimum: int | None = None,
        maximum: int | None = None,
        default: int | None = None,
        description: str | None = None,
        required: bool = False,
        tunable: bool = False,
    ) -> Hyperparameter:
        """Return one whose values are whole numbers; a range has both ends, which belong to it."""
        return Hyperparameter(
            name=name,
            kind="Integer",
            minimum=minimum,
            maximum=maximum,
            default=default,
            description=description,
            required=required,
            tunable=tunable,
        )

    @staticmethod
    def continuous(
        name: str,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        default: float | None = None,
        description: str | None = None,
        required: bool = False,
        tunable: bool = False,
    ) -> Hyperparameter:
        """Return one whose values are numbers; a range has both ends, which belong to it."""
        return Hyperparameter(
            name=name,
            kind="Continuous",
            minimum=minimum,
            maximum=maximum,
            default=default,
            description=description,
            required=required,
            tunable=tunable,
        )

    @staticmethod
    def categorical(
        name: str,
        *,
        values: Sequence[str],
        default: str | None = None,
        description: str | None = None,
        required: bool = False,
        tunable: bool = False,
    ) -> Hyperparameter:
        """Return one that has one of these values."""
        return Hyperparameter(
            name=name,
            kind="Categorical",
            values=tuple(values),
            default=default,
            description=description,
            required=required,
            tunable=tunable,
        )

    @staticmethod
    def free_text(
        name: str, *, default: str | None = None, description: str | None = None, required: bool = False
    ) -> Hyperparameter:
        """Return one that has any value."""
        return Hyperparameter(name=name, kind="FreeText", default=default, description=description, required=required)

    @staticmethod
    def from_file(path: str | Path) -> tuple[Hyperparameter, ...]:
        """Read the declaration that lies beside a training script, which this project's container reads, too.

        It is a JSON Schema of an object whose properties are the hyperparameters: ``integer`` and ``number`` with
        ``minimum`` and ``maximum``, ``enum`` of strings, ``boolean`` and ``string``, each with ``default`` and
        ``description`` if wanted, and ``tunable``; ``required`` lists those that must be given.

        Args:
            path: The file, ``hyperparameters.schema.json``.

        Raises:
            ValidationError: If it cannot be read, or declares what SageMaker does not know.
        """
        return tuple(Hyperparameter(**declared) for declared in read_declarations(path))

    def describe(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        described: dict[str, Any] = {
            "Name": self.name,
            "Type": self.kind,
            "IsRequired": self.required,
            "IsTunable": self.tunable,
        }
        if self.description is not None:
            described["Description"] = self.description
        if self.default is not None:
            described["DefaultValue"] = as_text(self.default)
        if self.minimum is not None and self.maximum is not None:
            described["Range"] = {
                f"{self.kind}ParameterRangeSpecification": {
                    "MinValue": as_text(self.minimum),
                    "MaxValue": as_text(self.maximum),
                }
            }
        if self.values:
            described["Range"] = {"CategoricalParameterRangeSpecification": {"Values": list(self.values)}}
        return described

    def _check_number(self, problems: Problems) -> None:
        numbers = {"minimum": self.minimum, "maximum": self.maximum, "default": self.default}
        whole = self.kind == "Integer"
        for argument, value in numbers.items():
            right = value is None or (
                isinstance(value, int if whole else int | float)
                and not isinstance(value, bool)
                and math.isfinite(value)
            )
            problems.check(right, f"{argument} must be {'a whole number' if whole else 'a number'}, got {value!r}")
            if not right:
                return
        problems.check(
            (self.minimum is None) == (self.maximum is None),
            f"minimum and maximum must be given both or not at all, got {self.minimum!r} and {self.maximum!r}",
        )
        problems.check(
            not self.tunable or self.minimum is not None, "minimum and maximum must be given if it is tunable, got none"
        )
        if self.minimum is not None and self.maximum is not None:
            problems.check(
                self.minimum <= self.maximum,
                f"minimum must be at most maximum, which is {as_text(self.maximum)}, got {as_text(self.minimum)}",
            )
            if isinstance(self.default, int | float):
                problems.between("default", self.default, self.minimum, self.maximum, "(its range)")

    def _check_text(self, problems: Problems) -> None:
        problems.check(
            self.default is None or isinstance(self.default, str), f"default must be text, got {self.default!r}"
        )
        if isinstance(self.default, str):
            problems.length("default", self.default, 0, _LONGEST_DEFAULT)
        if self.kind == "FreeText":
            problems.check(not self.tunable, "tunable must be False for free text, which has no range, got True")
            return
        problems.between("the number of values", len(self.values), 1, _MOST_VALUES, "values")
        problems.check(
            len(set(self.values)) == len(self.values), f"values must be there once each, got {list(self.values)}"
        )
        for value in self.values:
            problems.length("each of values", value, 0, _LONGEST_VALUE)
        problems.check(
            self.default is None or self.default in self.values,
            f"default must be one of values, got {self.default!r}",
        )


def as_text(value: str | float) -> str:
    """Return a value as SageMaker passes it to a container: as text."""
    return value if isinstance(value, str) else repr(value)
