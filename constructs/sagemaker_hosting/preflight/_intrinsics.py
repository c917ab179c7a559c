"""What CloudFormation puts in the place of a value: references, substitutions and other functions."""

import re
from dataclasses import dataclass
from itertools import islice

_MAX_DEPTH = 20
_MAX_PIECES = 500
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
UNKNOWN_TEXT = "${?}"
_DYNAMIC = "{{resolve:"


@dataclass(frozen=True, slots=True)
class Reference:
    """A ``Ref`` (without attribute) or ``Fn::GetAtt`` to something in the template."""

    logical_id: str
    attribute: str | None = None


def is_intrinsic(raw: object) -> bool:
    """Whether a value is a function call or dynamic reference that CloudFormation evaluates, not the value itself."""
    if not isinstance(raw, dict):
        return isinstance(raw, str) and _DYNAMIC in raw
    if len(raw) == 1 and ("Ref" in raw or "Condition" in raw):
        return True
    for key in islice(raw, 3):  # noqa: SIM110  this runs for every value, and any() costs twice as much
        if isinstance(key, str) and key.startswith("Fn::"):
            return True
    return False


def may_vanish(raw: object) -> bool:
    """Whether the value may turn out to be ``AWS::NoValue``, so that the property is absent after all."""
    return isinstance(raw, dict) and is_intrinsic(raw) and not {"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join"} & set(raw)


def reference_of(raw: object) -> Reference | None:
    """The one thing that a value refers to, or ``None`` where it is a literal or more than a reference."""
    if isinstance(raw, dict) and len(raw) == 1:
        match next(iter(raw.items())):
            case ("Ref", str(name)):
                return Reference(name)
            case ("Fn::GetAtt", [str(name), str(attribute)]):
                return Reference(name, attribute)
            case ("Fn::GetAtt", str(dotted)) if "." in dotted:
                name, _, attribute = dotted.partition(".")
                return Reference(name, attribute)
            case ("Fn::Sub", str(text)):
                return reference_in(text)
    return None


def reference_in(text: str) -> Reference | None:
    """The reference that a substitution text consists of, such as ``${Role.Arn}``."""
    found = _PLACEHOLDER.fullmatch(text)
    if found is None or found[1] or not found[2] or found[2] == "?":
        return None
    name, _, attribute = found[2].partition(".")
    return Reference(name, attribute or None)


def references_in(text: str) -> list[Reference]:
    """Every reference that occurs in a substitution text."""
    found = (reference_in(piece[0]) for piece in _PLACEHOLDER.finditer(text))
    return [reference for reference in found if reference is not None]


def substitution(raw: object, depth: int = 0) -> str | None:
    """A string value written as ``Fn::Sub`` would write it, with ``${?}`` for what cannot be known.

    Literals, ``Ref``, ``Fn::GetAtt``, ``Fn::Sub`` and ``Fn::Join`` all come out in the one form that rules compare.
    ``None`` for what is not a string at all.
    """
    if isinstance(raw, str) and _DYNAMIC in raw:
        return UNKNOWN_TEXT
    if isinstance(raw, str | int | float):
        return str(raw).lower() if isinstance(raw, bool) else str(raw)
    if not is_intrinsic(raw):
        return None
    reference = reference_of(raw)
    if reference is not None:
        return f"${{{reference.logical_id}{f'.{reference.attribute}' if reference.attribute else ''}}}"
    return _evaluated(raw, depth) if depth <= _MAX_DEPTH else UNKNOWN_TEXT


def _evaluated(raw: object, depth: int) -> str:
    match raw:
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Sub": [str(text), dict(variables)]}:
            return _PLACEHOLDER.sub(lambda found: _replaced(found, variables, depth), text)
        case {"Fn::Join": [str(separator), list(pieces)]}:
            parts = [substitution(piece, depth + 1) or UNKNOWN_TEXT for piece in pieces[:_MAX_PIECES]]
            return separator.join(parts)[: _MAX_PIECES * 100]
    return UNKNOWN_TEXT


def _replaced(found: re.Match[str], variables: dict[object, object], depth: int) -> str:
    if found[1] or found[2] not in variables:
        return found[0]
    return substitution(variables[found[2]], depth + 1) or UNKNOWN_TEXT
