"""The ways to write `code/inference.py`, one module each, and the registry that finds the one a file is written in."""

from collections.abc import Sequence

from serving.contracts import four_functions, model_class, neo, tensorflow, transform
from serving.contracts.contract import Contract
from serving.errors import ContractError
from serving.handler import Handler, Program

CONTRACTS: Sequence[Contract] = (
    four_functions.CONTRACT,
    transform.CONTRACT,
    neo.CONTRACT,
    tensorflow.CONTRACT,
    model_class.CONTRACT,
)


def find(program: Program) -> Contract:
    """The one contract that the program is written in.

    Raises:
        ContractError: It is written in none, or in several.
    """
    marked = {
        contract: [mark for mark in contract.marks if contract.defined(program.module, mark) is not None]
        for contract in CONTRACTS
    }
    claimed = [contract for contract in CONTRACTS if marked[contract]] or [
        contract
        for contract in CONTRACTS
        if contract.required and all(contract.defined(program.module, name) is not None for name in contract.required)
    ]
    if len(claimed) == 1:
        return claimed[0]
    if claimed:
        found = " and ".join(f"{', '.join(marked[contract])} ({contract.name})" for contract in claimed)
        raise ContractError(f"{program.path} defines functions of several contracts, {found}; keep those of one.")
    ways = [f"{contract.name}: {' and '.join(contract.least)}" for contract in CONTRACTS]
    raise ContractError(f"{program.path} keeps no contract; it must define one of:\n" + "\n".join(ways))


def load(program: Program) -> Handler:
    """Check the program's functions, load the model.

    Raises:
        ContractError: The functions do not fit: all of them in one, each with the signature that is expected.
        HandlerError: Loading the model raised, or gave what cannot predict.
    """
    contract = find(program)
    functions, problems = contract.find(program)
    if problems:
        raise ContractError("\n".join(problems))
    return contract.load(functions, program)
