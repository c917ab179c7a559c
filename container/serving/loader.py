"""From a model directory to a handler: imports `code/inference.py` and checks once that it keeps the contract."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from serving import contracts
from serving.config import Config
from serving.errors import ContractError, ServingError
from serving.handler import Handler, Program


def load(config: Config) -> Handler:
    """Import the user's program, check its functions, load the model.

    Raises:
        ContractError: The program is missing or cannot be imported, or its functions do not fit: all of them in one.
        HandlerError: Loading the model raised, or gave what cannot predict.
    """
    path = config.model_dir / "code" / (config.program or "inference.py")
    try:
        hint = "the archive needs code/inference.py with a function of a contract"
        module = import_program(path, hint=hint if config.program is None else "SAGEMAKER_PROGRAM names it")
        return contracts.load(Program(path=path, module=module, config=config))
    except ServingError as reason:
        refused = reason.__cause__
        if isinstance(refused, PermissionError):
            user = os.environ.get("USER", os.getuid())
            raise ContractError(
                f"{refused.filename} cannot be used by {user}, the user of the workers: a model's files and folders "
                "must be readable by all, and only the temporary directory can be written to."
            ) from refused
        raise


def import_program(path: Path, *, hint: str) -> ModuleType:
    """Import a file of the user's, with its folder importable, and `lib` in it, where packages may be put.

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
    sys.path.append(str(path.parent / "lib"))  # the last one: what the image has stays as it is
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
