"""Runs a Lambda function's handler once; a program of its own, started by ``functions``.

Arguments: the handler as ``module.name``, and the file for the outcome. The event is read from standard input. What the
handler prints is its log.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The second argument of a handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self) -> None:
        self._deadline = time.monotonic() + float(os.environ["_LOCAL_TIMEOUT_SECONDS"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.invoked_function_arn = os.environ["_LOCAL_FUNCTION_ARN"]
        self.aws_request_id = os.environ["_LOCAL_REQUEST_ID"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds are left until the function is stopped."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main(handler: str, outcome: Path) -> None:
    """Call the handler and write ``{"result": ...}`` or ``{"error": {...}}``.

    Args:
        handler: ``module.name``, the module's parts separated by dots or slashes.
        outcome: Where to write.
    """
    logging.basicConfig(format="[%(levelname)s] %(message)s", stream=sys.stdout)
    sys.path.insert(0, str(Path.cwd()))
    found: dict[str, Any]
    try:
        module, _, name = handler.replace("/", ".").rpartition(".")
        result = getattr(importlib.import_module(module), name)(json.load(sys.stdin), Context())
        found = {"result": json.loads(json.dumps(result))}
    except Exception as error:  # noqa: BLE001  whatever it is, it is the caller's answer
        traceback.print_exc(file=sys.stdout)
        found = {
            "error": {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "requestId": os.environ["_LOCAL_REQUEST_ID"],
                "stackTrace": traceback.format_tb(error.__traceback__),
            }
        }
    outcome.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
