"""moto's engine for state machines, which it does not use unless told to.

* The errors of SageMaker's operations are named after the service in lower case.
* CloudFormation creates state machines for the backend that does not execute them.
* An execution that is started without a name has none, instead of a UUID.
* A Wait state waits, although what it waits for has ended.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from moto.core.config import default_user_config
from moto.stepfunctions import models
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from sagemaker_local.emulation.jobs import JOBS

_LOOK_SECONDS = 0.1
_start_execution = StepFunctionsParserBackend.start_execution


def install() -> None:
    """Switch the engine on, and correct it."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES["sagemaker"] = "SageMaker"  # noqa: SLF001  a table of moto's
    setattr(models, "stepfunctions_backends", stepfunctions_parser_backends)  # noqa: B010  a table of another type
    setattr(StepFunctionsParserBackend, "start_execution", _start_with_name)  # noqa: B010  a method
    # What stops an execution is its error and cause; the engine logs it once more for each part of the definition.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    setattr(WaitFunction, "_wait_interval", _wait_while_jobs_run)  # noqa: B010  a method


def _start_with_name(
    backend: StepFunctionsParserBackend, state_machine_arn: str, name: str, execution_input: str
) -> Any:
    return _start_execution(backend, state_machine_arn, name or str(uuid.uuid4()), execution_input)


def _wait_while_jobs_run(_self: WaitFunction, env: Any, wait_seconds: float) -> None:
    left = float(wait_seconds)
    while left > 0 and env.is_running() and JOBS.are_running:
        env.program_state_event.wait(min(left, _LOOK_SECONDS))
        left -= _LOOK_SECONDS
