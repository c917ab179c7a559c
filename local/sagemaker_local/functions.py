"""Answers Lambda's Invoke with the deployed function's own code."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import threading
import uuid
import zipfile
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from sagemaker_local import emulation, function_runner
from sagemaker_local.environment import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from werkzeug.wrappers import Request

    from sagemaker_local.emulation import Function

_TAIL_BYTES = 4096


class Functions:
    """Runs every invocation in a process of its own, with the environment and the time limit of the function."""

    def __init__(self, *, directory: Path, region: str) -> None:
        """Prepare to run functions.

        Args:
            directory: Where their code is unpacked.
            region: Region of the embedded AWS.
        """
        self._directory = directory
        self._region = region
        self._aws_variables: Mapping[str, str] = {}
        self._unpacking = threading.Lock()

    def use(self, aws_variables: Mapping[str, str]) -> None:
        """Set what points the functions' AWS clients at the embedded AWS."""
        self._aws_variables = aws_variables

    def invoke(self, name: str, request: Request) -> Response:
        """Answer an Invoke request.

        https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

        Args:
            name: Name, ARN or partial ARN, with or without a version.
            request: The request of the client.
        """
        function_name = _bare_name(name)
        function = emulation.find_function(self._region, function_name, request.args.get("Qualifier"))
        if function is None:
            arn = f"arn:aws:lambda:{self._region}:{ACCOUNT}:function:{function_name}"
            return _error(404, "ResourceNotFoundException", f"Function not found: {arn}")
        if not function.runtime.startswith("python"):
            made_for = function.runtime or "a container image"
            message = f"the local twin runs Python functions only, and {function_name} is made for {made_for}"
            return _error(502, "InvalidRuntimeException", message)
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return Response(status=204)
        event = request.get_data() or b"{}"
        try:
            json.loads(event)
        except ValueError as error:
            return _error(400, "InvalidRequestContentException", f"Could not parse request body into json: {error}")
        payload, failed, log = self._run(function, event)
        if kind == "Event":
            return Response(status=202)
        response = Response(payload, status=200, mimetype="application/json")
        response.headers["X-Amz-Executed-Version"] = "$LATEST"
        if failed:
            response.headers["X-Amz-Function-Error"] = "Unhandled"
        if request.headers.get("X-Amz-Log-Type") == "Tail":
            response.headers["X-Amz-Log-Result"] = base64.b64encode(log[-_TAIL_BYTES:]).decode()
        return response

    def _run(self, function: Function, event: bytes) -> tuple[str, bool, bytes]:
        request_id = str(uuid.uuid4())
        outcome = self._directory / f"{request_id}.json"
        process = subprocess.Popen(  # noqa: S603  the function is the user's own
            [sys.executable, "-P", function_runner.__file__, function.handler, str(outcome)],
            cwd=self._unpack(function.code),
            env=self._environment(function, request_id),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            log, _ = process.communicate(event, timeout=function.timeout_in_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            log, _ = process.communicate()
            message = f"{request_id} Task timed out after {function.timeout_in_seconds}.00 seconds"
            return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message}), True, log
        if not outcome.exists():
            message = f"RequestId: {request_id} Error: Runtime exited with exit status {process.returncode}"
            return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}), True, log
        found = json.loads(outcome.read_text(encoding="utf-8"))
        outcome.unlink()
        return json.dumps(found.get("error", found.get("result"))), "error" in found, log

    def _unpack(self, code: bytes) -> Path:
        target = self._directory / hashlib.sha256(code).hexdigest()
        with self._unpacking:
            if not target.exists():
                with zipfile.ZipFile(io.BytesIO(code)) as archive:
                    archive.extractall(target)
        return target

    def _environment(self, function: Function, request_id: str) -> dict[str, str]:
        return {
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_in_mib),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "HOME": str(self._directory),
            "LANG": "C.UTF-8",
            "PATH": os.defpath,
            "PYTHONDONTWRITEBYTECODE": "1",
            "_LOCAL_FUNCTION_ARN": function.arn,
            "_LOCAL_REQUEST_ID": request_id,
            "_LOCAL_TIMEOUT_SECONDS": str(function.timeout_in_seconds),
            **function.environment,
            **self._aws_variables,
        }


def _bare_name(name: str) -> str:
    arn = re.fullmatch(r"(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?([^:]+)(?::[^:]+)?", name)
    return name if arn is None else arn[1]


def _error(status: int, kind: str, message: str) -> Response:
    response = Response(json.dumps({"Type": "User", "Message": message}), status=status, mimetype="application/json")
    response.headers["X-Amzn-ErrorType"] = kind
    return response
