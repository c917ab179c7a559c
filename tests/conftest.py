from __future__ import annotations

import os
import signal

from engine import container_engine

# The CDK's own validator of CloudFormation takes seconds in every process; the tests of the whole app turn it on again.
os.environ["CDK_VALIDATION"] = "false"

# Shells start background jobs with SIGINT ignored, and the programs that tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    engine = container_engine()
    return "container: as processes, and " + (f"as an image in {engine}" if engine else "in no engine: none answers")
