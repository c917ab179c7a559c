"""From a model directory to a handler: imports `code/inference.py` and checks once that it keeps the contract."""

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from serving.config import Config
from serving.errors import ContractError
from serving.handler import Handler, UserFunction

PARAMETERS = {
    "model_fn": ("model_dir",),
    "input_fn": ("request_body", "content_type"),
    "predict_fn": ("input_data", "model"),
    "output_fn": ("prediction", "accept"),
}
"""The functions of the contract and their parameters; each may take `context` as one more."""


def load(config: Config) -> Handler:
    """Import the user's program, check its functions, load the model.

    Raises:
        ContractError: The program is missing or cannot be imported, or its functions do not fit: all of them in one.
        HandlerError: `model_fn` raised, or returned no model with a predict method where there is no predict_fn.
    """
    path = config.model_dir / "code" / (config.program or "inference.py")
    module = import_program(path, hint="the archive needs code/inference.py with a function model_fn(model_dir)")
    functions = find_functions(module, path)
    return Handler(functions, model_dir=config.model_dir, default_accept=config.default_accept)


def import_program(path: Path, *, hint: str) -> ModuleType:
    """Import a file of the user's, with its folder importable.

    Args:
        path: The file. It is imported under its own name, so that what was pickled from it is found again.
        hint: What to do if the file is missing.

    Raises:
        ContractError: The file is missing or its import raised.
    """
    try:
        found = path.is_file()
    except PermissionError as reason:
        raise ContractError(
            f"{path} cannot be read by this user; make its folder and files readable by all."
        ) from reason
    if not found:
        raise ContractError(f"{path} does not exist; {hint}.")
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ContractError(f"{path} is no Python file; {hint}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as reason:
        raise ContractError(f"{path} cannot be imported: {type(reason).__name__}: {reason}") from reason
    return module


def find_functions(module: ModuleType, path: Path) -> dict[str, UserFunction]:
    """The functions of the contract that the module defines.

    Raises:
        ContractError: Naming every function that is missing or has the wrong parameters, and the expected signature.
    """
    functions: dict[str, UserFunction] = {}
    problems: list[str] = []
    for name, parameters in PARAMETERS.items():
        function = getattr(module, name, None)
        if function is None:
            continue
        try:
            functions[name] = UserFunction(
                name=name, call=function, takes_context=takes_context(function, len(parameters))
            )
        except TypeError as reason:
            problems.append(f"{path}: {name} {reason}, but is called as {_signature(name)}")
    if not hasattr(module, "model_fn"):
        problems.append(f"{path}: model_fn is not defined; expected {_signature('model_fn')}")
    if problems:
        raise ContractError("\n".join(problems))
    return functions


def takes_context(function: Callable[..., Any], parameters: int) -> bool:
    """Whether a function takes one argument more than its contract has.

    Args:
        function: The user's function.
        parameters: How many arguments the contract has.

    Raises:
        TypeError: It can be called in neither way. The message reads as the end of a sentence.
    """
    if not callable(function):
        raise TypeError(f"is a {type(function).__name__}")
    if inspect.iscoroutinefunction(function):
        raise TypeError("is declared with async def")
    signature = inspect.signature(function)
    positional = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    extra = positional[parameters] if len(positional) > parameters else None
    # A further parameter with a default of its own, such as model_fn(model_dir, device="cpu"), is not ours to fill.
    with_context = extra is not None and (extra.name == "context" or extra.default is extra.empty)
    try:
        signature.bind(*range(parameters + with_context))
    except TypeError:
        raise TypeError(f"takes {signature}") from None
    return with_context


def _signature(name: str) -> str:
    parameters = ", ".join(PARAMETERS[name])
    return f"{name}({parameters}) or {name}({parameters}, context)"
