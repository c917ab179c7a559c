"""Starts multi-model-server as `sagemaker_inference.model_server` does, with its files in a folder of this run.

    python serve.py FOLDER PORT MANAGEMENT_PORT WORKERS BASE

The toolkit's own start writes below /etc and waits for a process to show up; apart from that these are its settings.
"""

import os
import sys
from pathlib import Path

import sagemaker_inference
from sagemaker_inference import default_handler_service

LOGGING = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration>
  <Appenders><Console name="STDOUT" target="SYSTEM_OUT"/></Appenders>
  <Loggers><Root level="error"><AppenderRef ref="STDOUT"/></Root></Loggers>
</Configuration>
"""


def main(folder: Path, port: str, management_port: str, workers: str, base: str) -> None:
    """Become multi-model-server."""
    defaults = Path(sagemaker_inference.__file__).parent / "etc" / "default-mms.properties"
    settings = {
        "default_workers_per_model": workers,
        "inference_address": f"http://127.0.0.1:{port}",
        "management_address": f"http://127.0.0.1:{management_port}",
        "default_service_handler": default_handler_service.__name__,
    }
    properties = folder / "mms.properties"
    properties.write_text(defaults.read_text() + "".join(f"{name}={value}\n" for name, value in settings.items()))
    logging = folder / "log4j2.xml"
    logging.write_text(LOGGING)
    os.environ["TEMP"] = os.environ["TMPDIR"] = str(folder)
    os.chdir(folder)
    program = Path(sys.executable).with_name("multi-model-server")
    arguments = ["--start", "--foreground", "--model-store", "/", "--mms-config", str(properties)]
    arguments += ["--log-config", str(logging), "--models", f"model={base}/model"]
    os.execv(program, [str(program), *arguments])  # noqa: S606 - its own path, no shell


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
