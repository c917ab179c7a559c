"""The smallest container: answers what it was asked, and what it knows."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = Path(os.environ["SAGEMAKER_BASE_DIR"], "model", "model.txt").read_text(encoding="utf-8")
if "broken" in MODEL:
    raise RuntimeError("the model is broken")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = {
            "body": body,
            "greeting": os.environ["GREETING"],
            "headers": dict(self.headers.items()),
            "model": MODEL,
            "pid": os.getpid(),
            "variables": dict(os.environ),
        }
        self.send_response(int(self.headers.get("X-Amzn-SageMaker-Custom-Attributes", "200")))
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "seen")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
