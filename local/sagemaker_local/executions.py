"""Executes the state machines of a deployed stack."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class StateMachine:
    """A state machine.

    Attributes:
        name: Its name.
        arn: Its ARN.
        definition: Its definition.
    """

    name: str
    arn: str
    definition: Mapping[str, Any]

    def calls(self, operation: str) -> bool:
        """Whether a state calls an operation of SageMaker, such as ``createTrainingJob``."""
        states = self.definition["States"].values()
        return any(str(state.get("Resource", "")).endswith(f":sagemaker:{operation}") for state in states)

    @property
    def defaults(self) -> Mapping[str, Any]:
        """What an execution may override; empty for a machine that this project's constructs did not make."""
        found: Mapping[str, Any] = self.definition["States"].get("Defaults", {}).get("Result", {})
        return found


def find_state_machine(
    states: Any, outputs: Mapping[str, str], wanted: str | None, operation: str | None = None
) -> StateMachine:
    """Return one state machine of what is deployed.

    Args:
        states: Client of AWS Step Functions.
        outputs: Outputs of the stacks.
        wanted: A stack output, a name or an ARN. ``None`` for the only one.
        operation: An operation of SageMaker that it calls. ``None`` for any.

    Raises:
        LocalError: If there is none, or several and none was named.
    """
    pages = states.get_paginator("list_state_machines").paginate()
    machines = [_describe(states, entry["stateMachineArn"]) for page in pages for entry in page["stateMachines"]]
    fitting = [machine for machine in machines if operation is None or machine.calls(operation)]
    if wanted is not None:
        value = outputs.get(wanted, wanted)
        fitting = [machine for machine in fitting if value in (machine.arn, machine.name)]
    if len(fitting) != 1:
        kind = "state machine" if operation is None else f"state machine that calls {operation}"
        which = "" if wanted is None else f" {wanted}"
        raise LocalError(
            f"there are {len(fitting)} {kind}s{which}: name one by a stack output or its name; the outputs are "
            f"{', '.join(outputs) or 'none'}, the names {', '.join(machine.name for machine in machines) or 'none'}"
        )
    return fitting[0]


def _describe(states: Any, arn: str) -> StateMachine:
    found = states.describe_state_machine(stateMachineArn=arn)
    return StateMachine(name=found["name"], arn=arn, definition=json.loads(found["definition"]))


def execute(states: Any, machine: StateMachine, execution_input: Mapping[str, Any]) -> Any:
    """Execute a state machine to its end.

    Args:
        states: Client of AWS Step Functions.
        machine: The state machine.
        execution_input: Input of the execution.

    Returns:
        What the execution returns.

    Raises:
        LocalError: If it does not succeed; the text is its error and its cause.
    """
    started = states.start_execution(stateMachineArn=machine.arn, input=json.dumps(execution_input))
    while True:
        found = states.describe_execution(executionArn=started["executionArn"])
        if found["status"] != "RUNNING":
            break
        time.sleep(_PAUSE_SECONDS)
    if found["status"] != "SUCCEEDED":
        raise LocalError(
            f"the execution of {machine.name} ended as {found['status']}: {found.get('error')}: {found.get('cause')}"
        )
    return json.loads(found["output"])
