"""Finds the stack, the stage and the path of a construct, which never change, without asking the CDK twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct

_PLACES: WeakKeyDictionary[IConstruct, tuple[IConstruct, str]] = WeakKeyDictionary()
_STACKS: WeakKeyDictionary[IConstruct, cdk.Stack] = WeakKeyDictionary()
_PATHS: WeakKeyDictionary[IConstruct, str] = WeakKeyDictionary()
_FOLDERS: WeakKeyDictionary[cdk.Stack, Path] = WeakKeyDictionary()


def note_place(construct: IConstruct, parent: IConstruct, id: str) -> None:  # noqa: A002
    """Note where a construct is: in the stack of its parent, and there below it.

    Args:
        construct: A construct that is no stack.
        parent: Its parent.
        id: Its id below that.
    """
    _STACKS[construct] = stack_of(parent)
    _PLACES[construct] = (parent, id)


def stack_of(construct: IConstruct) -> cdk.Stack:
    """Return the stack that a construct is in."""
    if isinstance(construct, cdk.Stack):
        return construct
    found = _STACKS.get(construct)
    if found is None:
        found = _STACKS[construct] = cdk.Stack.of(construct)
    return found


def path_below(parent: IConstruct, id: str) -> str:  # noqa: A002
    """Return the path of the construct of that id below its parent."""
    path = _PATHS.get(parent)
    if path is None:
        place = _PLACES.get(parent)
        path = _PATHS[parent] = parent.node.path if place is None else path_below(*place)
    return f"{path}/{id.replace('/', '--')}".lstrip("/")


def asset_folder(construct: IConstruct) -> Path:
    """Return where the cloud assembly of a construct keeps its assets."""
    stack = stack_of(construct)
    found = _FOLDERS.get(stack)
    if found is None:
        stage = cdk.Stage.of(stack)
        assert stage is not None  # noqa: S101  a stack is in a stage
        found = _FOLDERS[stack] = Path(stage.asset_outdir)
    return found
