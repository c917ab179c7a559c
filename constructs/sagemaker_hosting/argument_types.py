"""Checks the kind of each argument of a public name, as its annotation says it."""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from types import NoneType
from typing import Any, NamedTuple

import sagemaker_hosting
from sagemaker_hosting.tokens import is_token
from sagemaker_hosting.validation import Problems

_PLAIN = (bool, int, float, str, bytes, PurePath, list, tuple, Mapping, set, frozenset)
_SCALARS = {"bool": "True or False", "float": "a number", "int": "a whole number", "str": "text", "Literal": "text"}
_LISTS = {"AbstractSet", "Sequence", "tuple"}
_ANYTHING = {"Any", "Callable", "Self", "Unpack", "object"}
_STRUCTS = {"DockerCacheOption", "DockerImageAssetInvalidationOptions", "ScalingInterval"}
"""For which the CDK takes a dictionary, too."""
_LONGEST_VALUE = 100
_MOST_MEMBERS = 6
_CHECKED: set[type] = set()


class _Kind(NamedTuple):
    """One alternative of an annotation: its name, and what it holds if it is a list or a mapping."""

    name: str
    written: str
    held: tuple[ast.expr, ...]


def check_arguments(class_: type) -> None:
    """Let the constructor and the public methods of a class refuse arguments of a wrong kind, all in one error.

    A text instead of an instance type or a number instead of a duration would else fail somewhere inside, or only when
    the stack is deployed. Values that are not known before the deployment pass.

    Args:
        class_: The class. Its methods check from now on, and so do those that it inherits from this package, and those
            of the public classes that its module makes instances of.
    """
    if class_ in _CHECKED:
        return
    _CHECKED.add(class_)
    for owner in class_.__mro__:
        if owner.__module__.partition(".")[0] != __name__.partition(".")[0] or getattr(owner, "_is_protocol", False):
            continue
        for name, found in list(vars(owner).items()):
            function = getattr(found, "__func__", found)
            if (name == "__init__" or not name.startswith("_")) and _takes_arguments(function):
                checked = _checking(function)
                setattr(owner, name, type(found)(checked) if isinstance(found, staticmethod | classmethod) else checked)
        for name, other in vars(sys.modules[owner.__module__]).items():
            if isinstance(other, type) and name in sagemaker_hosting.__all__:
                check_arguments(other)


def _takes_arguments(function: object) -> bool:
    return inspect.isfunction(function) and set(function.__annotations__) != {"return"}


def _checking(function: Callable[..., Any]) -> Callable[..., Any]:
    if getattr(function, "_checks_arguments", False):
        return function

    code = function.__code__
    named = code.co_argcount + code.co_kwonlyargcount
    order = code.co_varnames[: code.co_argcount]
    # Behind the parameters stands the name of those that are given one by one.
    others = code.co_varnames[named : named + 1] if code.co_flags & inspect.CO_VARARGS else ()
    annotations = {name: function.__annotations__.get(name) for name in (*code.co_varnames[:named], *others)}
    defaults = {
        **dict(zip(reversed(order), reversed(function.__defaults__ or ()), strict=False)),
        **(function.__kwdefaults__ or {}),
    }
    optional = {name for name, value in defaults.items() if value is None}

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  what the function takes and returns
        given = [*zip(order, args, strict=False), *kwargs.items()]
        given += [(others[0], value) for value in args[len(order) :] if others]
        problems = Problems(lambda: _owner(function, dict(given)))
        for name, value in given:
            annotation = annotations.get(name)
            if isinstance(annotation, str) and (value is not None or name not in optional):
                _check(problems, name, value, _parse(annotation))
        problems.raise_if_any()
        return function(*args, **kwargs)

    checked._checks_arguments = True  # type: ignore[attr-defined]  # noqa: SLF001  a mark of this module
    return checked


def _owner(function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    class_, _, name = function.__qualname__.rpartition(".")
    path = getattr(getattr(given.get("scope" if name == "__init__" else "self"), "node", None), "path", None)
    if name == "__init__":
        return class_ if path is None else f"{class_} '{path}/{given.get('id')}'"
    return function.__qualname__ if path is None else f"{name} of '{path}'"


@functools.cache
def _parse(annotation: str) -> ast.expr:
    return ast.parse(annotation, mode="eval").body


@functools.cache
def _kinds(annotation: ast.expr) -> tuple[_Kind, ...]:
    match annotation:
        case ast.BinOp(left=left, right=right):
            return (*_kinds(left), *_kinds(right))
        case ast.Subscript(value=value, slice=held):
            (kind,) = _kinds(value)
            return (kind._replace(held=tuple(held.elts) if isinstance(held, ast.Tuple) else (held,)),)
        case _:
            written = ast.unparse(annotation)
            return (_Kind(written.rpartition(".")[2], written, ()),)


def _check(problems: Problems, name: str, value: object, annotation: ast.expr) -> None:
    kinds = _kinds(annotation)
    fitting = [kind for kind in kinds if _fits(value, kind)]
    if not fitting:
        if not _is_unknown(value):
            allowed = " or ".join(dict.fromkeys(_describe(kind) for kind in kinds if kind.name != "None"))
            problems.add(f"{name} must be {allowed}, got {_shorten(value)}")
    elif isinstance(value, list | tuple) and fitting[0].name == "Sequence":
        for index, entry in enumerate(value):
            _check(problems, f"{name}[{index}]", entry, fitting[0].held[0])
    elif isinstance(value, Mapping) and fitting[0].name == "Mapping":
        for key, entry in value.items():
            _check(problems, f"a key of {name}", key, fitting[0].held[0])
            _check(problems, f"{name}[{key!r}]", entry, fitting[0].held[1])


def _is_unknown(value: object) -> bool:
    # The CDK fails when it is asked about objects that are not its own.
    return (isinstance(value, str | int | float) or hasattr(type(value), "__jsii_type__")) and is_token(value)


def _fits(value: object, kind: _Kind) -> bool:
    match kind.name:
        case name if name in _ANYTHING or name.startswith("_"):
            return True
        case name if name in _SCALARS or name == "None":
            return _is_scalar(value, name)
        case name if name in _LISTS:
            return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
        case name if name in ("Mapping", "dict") or (name in _STRUCTS and isinstance(value, Mapping)):
            return isinstance(value, Mapping)
    class_ = _public_class(kind)
    if class_ is not None and not getattr(class_, "_is_protocol", False):
        return isinstance(value, class_)
    return isinstance(value, PurePath) if "Path" in kind.name else not isinstance(value, (*_PLAIN, NoneType))


def _public_class(kind: _Kind) -> type | None:
    found = getattr(sagemaker_hosting, kind.written) if kind.written in sagemaker_hosting.__all__ else None
    return found if isinstance(found, type) else None


def _is_scalar(value: object, name: str) -> bool:
    match name:
        case "None":
            return value is None
        case "bool":
            return isinstance(value, bool)
        case "int":
            return not isinstance(value, bool) and isinstance(value, int | float) and float(value).is_integer()
        case "float":
            return not isinstance(value, bool) and isinstance(value, int | float)
        case _:
            return isinstance(value, str)


def _describe(kind: _Kind) -> str:
    if kind.name in _SCALARS:
        return _SCALARS[kind.name]
    if kind.name in _LISTS:
        return f"a list of {', '.join(map(ast.unparse, kind.held))}"
    if kind.name in ("Mapping", "dict"):
        return "a dictionary"
    class_ = _public_class(kind)
    if class_ is None:
        return kind.written
    if issubclass(class_, enum.Enum):
        members = [f"{kind.name}.{member.name}" for member in class_]
        return " or ".join(members) if len(members) <= _MOST_MEMBERS else f"one of {kind.name}"
    makers = [
        name
        for name, found in vars(class_).items()
        if isinstance(found, staticmethod) and found.__annotations__.get("return") == kind.name and name[0] != "_"
    ]
    return f"{kind.name} ({', '.join(makers)})" if makers else kind.name


def _shorten(value: object) -> str:
    if not isinstance(value, (*_PLAIN, NoneType)):
        return f"{type(value).__module__}.{type(value).__qualname__}"
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
