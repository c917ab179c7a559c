import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sagemaker_hosting.preflight._intrinsics import is_intrinsic, may_vanish, reference_of, substitution

if TYPE_CHECKING:
    from sagemaker_hosting.preflight._intrinsics import Reference
    from sagemaker_hosting.preflight._resource import Resource

_NO_VALUE = {"Ref": "AWS::NoValue"}
_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?")
_SHOWN = 80


class _Sentinel:
    pass


MISSING: Final = _Sentinel()
UNKNOWN: Final = _Sentinel()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule found at one value; the engine makes a finding of it."""

    at: "Value"
    problem: str
    fix: str


@dataclass(frozen=True, slots=True)
class Value:
    """A place in a resource's properties, and what is written there.

    Every accessor is total: asked for something that is not there, of another type, or only known at deployment, it
    answers with ``None``, an empty tuple, or another ``Value`` that says so. Rules therefore never check types.
    """

    raw: object
    resource: "Resource"
    path: tuple[str | int, ...] = ()
    _items: "list[Value]" = field(default_factory=list, repr=False, compare=False)

    def __getitem__(self, key: str | int) -> "Value":
        return Value(self._child(key), self.resource, (*self.path, key))

    def _child(self, key: str | int) -> object:
        raw = self.raw
        if raw is MISSING:
            return MISSING
        child: object = MISSING
        if isinstance(raw, dict):
            child = UNKNOWN if is_intrinsic(raw) else raw.get(key, MISSING)
        elif isinstance(raw, list):
            child = raw[key] if isinstance(key, int) and key < len(raw) else MISSING
        elif self.token:
            child = UNKNOWN
        return MISSING if child is None or child == _NO_VALUE else child

    @property
    def missing(self) -> bool:
        """Whether it is certain that nothing is written here."""
        return self.raw is MISSING

    @property
    def token(self) -> bool:
        """Whether the value is only known at deployment."""
        return self.raw is UNKNOWN or is_intrinsic(self.raw)

    @property
    def literal(self) -> bool:
        """Whether the value stands in the template as it is."""
        return not self.missing and not self.token

    @property
    def given(self) -> bool:
        """Whether it is certain that something is written here, if only known at deployment."""
        return not self.missing and self.raw is not UNKNOWN and not may_vanish(self.raw)

    @property
    def text(self) -> str | None:
        """The literal string; numbers and booleans count as CloudFormation converts them."""
        if isinstance(self.raw, bool):
            return str(self.raw).lower()
        return str(self.raw) if isinstance(self.raw, str | int | float) and not self.token else None

    @property
    def number(self) -> float | None:
        """The literal number, also when it is quoted."""
        raw = self.raw
        if isinstance(raw, str) and _NUMBER.fullmatch(raw):
            raw = float(raw)
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            return None
        try:
            number = float(raw)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None

    @property
    def integer(self) -> int | None:
        """The literal whole number, also when it is quoted."""
        number = self.number
        return int(number) if number is not None and number.is_integer() else None

    @property
    def flag(self) -> bool | None:
        """The literal boolean, also when it is quoted."""
        return {"true": True, "false": False}.get((self.text or "").lower())

    @property
    def items(self) -> tuple["Value", ...]:
        """The elements of a literal list."""
        if not isinstance(self.raw, list):
            return ()
        if not self._items:
            self._items.extend(self[index] for index in range(len(self.raw)))
        return tuple(self._items)

    @property
    def complete(self) -> bool:
        """Whether this is a literal list whose number of elements is certain."""
        return isinstance(self.raw, list) and not any(item.missing or may_vanish(item.raw) for item in self.items)

    @property
    def entries(self) -> tuple[tuple[str, "Value"], ...]:
        """The keys of a literal map with their values."""
        if not isinstance(self.raw, dict) or self.token:
            return ()
        return tuple((key, self[key]) for key in self.raw if isinstance(key, str))

    @property
    def sub(self) -> str | None:
        """The string in the form of ``Fn::Sub``, with the stack's Region filled in where it is known."""
        if self.missing or self.raw is UNKNOWN:
            return None
        text = substitution(self.raw)
        region = self.resource.template.region
        return text.replace("${AWS::Region}", region) if text is not None and region else text

    @property
    def reference(self) -> "Reference | None":
        """What a ``Ref`` or ``Fn::GetAtt`` points to."""
        return reference_of(self.raw)

    def target(self, *types: str) -> "Resource | None":
        """The resource of the same template that is named here, by reference or by its literal name."""
        return self.resource.template.target(self.sub, types)

    def walk(self) -> Iterator["Value"]:
        """This value if it is one, or each of its elements if it is a list."""
        if isinstance(self.raw, list):
            yield from self.items
        elif not self.missing:
            yield self

    @property
    def shown(self) -> str | None:
        """The literal as a message quotes it."""
        if not self.literal:
            return None
        try:
            shown = json.dumps(self.raw, default=str)
        except (TypeError, ValueError, RecursionError):
            return "..."
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join(str(part) for part in self.path)

    def flaw(self, problem: str, *, fix: str) -> Flaw:
        """A flaw whose sentence starts with the property path: ``<path> <problem>``."""
        return Flaw(self, problem, fix)

    def must(self, allowed: str, *, fix: str) -> Flaw:
        """The flaw of a value that is not what is allowed: ``<path> must <allowed>, got <value>``."""
        shown = self.shown
        return Flaw(self, f"must {allowed}" + (f", got {shown}" if shown is not None else ""), fix)
