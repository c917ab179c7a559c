"""Everything that knows moto's inside: corrections of its CloudFormation, and state that no AWS API can set.

Written against moto 5.2.5. Each module names what moto lacks; when moto has it, the module can go.
"""

from __future__ import annotations

import logging

from moto.cloudformation import parsing

from sagemaker_local.emulation import (
    custom_resources,
    jobs,
    placeholders,
    retained_resources,
    sagemaker_resources,
    state_machines,
)
from sagemaker_local.emulation.endpoint_status import fail_endpoint, finish_endpoint, hold_endpoint
from sagemaker_local.emulation.functions import Function, find_function
from sagemaker_local.emulation.jobs import JOBS, Job
from sagemaker_local.emulation.model_registry import ModelPackageGroupResource, ModelPackageResource
from sagemaker_local.emulation.placeholders import is_custom, is_emulated

__all__ = [
    "JOBS",
    "Function",
    "Job",
    "ModelPackageGroupResource",
    "ModelPackageResource",
    "fail_endpoint",
    "find_function",
    "finish_endpoint",
    "hold_endpoint",
    "install",
    "is_custom",
    "is_emulated",
]


def install() -> None:
    """Correct moto in this process. Safe to call again."""
    sagemaker_resources.install()
    custom_resources.install()
    placeholders.install()
    retained_resources.install()
    jobs.install()
    state_machines.install()
    # moto caches the types it knows when it is asked for the first time.
    parsing.get_model_list.cache_clear()
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    for name in ("moto", "werkzeug"):
        logging.getLogger(name).setLevel(logging.ERROR)
