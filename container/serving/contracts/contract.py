"""What a contract is: the functions it has, and how they become a handler."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from serving.handler import Handler, Program, UserFunction


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function that `inference.py` may define.

    Attributes:
        name: Its name.
        parameters: The names of its parameters.
        context: Whether it may take `context` as one more, last.
    """

    name: str
    parameters: tuple[str, ...]
    context: bool = True

    @property
    def plain(self) -> str:
        """How it is called without a context, for messages."""
        return f"{self.name}({', '.join(self.parameters)})"

    @property
    def signature(self) -> str:
        """How it is called, for messages."""
        return f"{self.plain} or {self.plain[:-1]}, context)" if self.context else self.plain

    def of(self, call: object) -> UserFunction:
        """What the user defined under that name.

        Raises:
            TypeError: It cannot be called that way. The message reads as the end of a sentence.
        """
        if not callable(call):
            raise TypeError(f"is a {type(call).__name__}")
        if inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call):
            raise TypeError("is declared with async def")
        try:
            signature = inspect.signature(call)
        except ValueError:  # one of C's that does not tell
            return UserFunction(name=self.name, call=call, takes_context=False)
        with_context = self.context and _has_one_more(signature, len(self.parameters))
        try:
            signature.bind(*range(len(self.parameters) + with_context))
        except TypeError:
            raise TypeError(f"takes {signature}") from None
        return UserFunction(name=self.name, call=call, takes_context=with_context)


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One way to write `inference.py`.

    Attributes:
        name: What it is called in messages.
        functions: All functions of it.
        required: The names of those that must be there.
        marks: The names that no other contract has.
        load: Loads the model and makes the handler of the functions that were found, by name.
        defined: What the module defines under a name, or None; by default whatever has it.
    """

    name: str
    functions: tuple[Function, ...]
    required: tuple[str, ...]
    marks: tuple[str, ...]
    load: Callable[[Mapping[str, UserFunction], Program], Handler]
    defined: Callable[[Any, str], Any] = lambda module, name: getattr(module, name, None)

    @property
    def least(self) -> list[str]:
        """How the functions are called that a program has at least, for messages."""
        return [each.plain for each in self.functions if each.name in (self.required or self.marks[:1])]

    def find(self, program: Program) -> tuple[dict[str, UserFunction], list[str]]:
        """The functions that the program defines, and what is wrong with them."""
        functions: dict[str, UserFunction] = {}
        problems: list[str] = []
        for function in self.functions:
            found = self.defined(program.module, function.name)
            if found is None:
                if function.name in self.required:
                    problems.append(f"{program.path}: {function.name} is not defined; expected {function.signature}")
                continue
            try:
                functions[function.name] = function.of(found)
            except TypeError as reason:
                problems.append(f"{program.path}: {function.name} {reason}, but is called as {function.signature}")
        return functions, problems


def _has_one_more(signature: inspect.Signature, parameters: int) -> bool:
    positional = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    extra = positional[parameters] if len(positional) > parameters else None
    # A further parameter with a default of its own, such as model_fn(model_dir, device="cpu"), is not ours to fill.
    return extra is not None and (extra.name == "context" or extra.default is extra.empty)
