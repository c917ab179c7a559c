"""Stands in for TensorFlow Serving: the REST API for one model (https://www.tensorflow.org/tfx/serving/api_rest)."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import mean_colour
import numpy as np

OPTIONS = dict(argument.removeprefix("--").split("=", 1) for argument in sys.argv[1:])
MODEL = f"/v1/models/{OPTIONS['model_name']}"
VERSION = max(
    (folder.name for folder in Path(OPTIONS["model_base_path"]).iterdir() if folder.name.isdecimal()), key=int
)
WEIGHTS = mean_colour.load(Path(OPTIONS["model_base_path"]) / VERSION / "saved_model.pb")


class Answers(BaseHTTPRequestHandler):
    """One model, one signature."""

    def do_GET(self) -> None:
        state = {"version": VERSION, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        self._answer(200, {"model_version_status": [state]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != f"{MODEL}:predict":
            self._answer(404, {"error": f"Malformed request: POST {self.path}"})
        elif asked.get("signature_name", "serving_default") != "serving_default":
            self._answer(400, {"error": f"Serving signature name: {asked['signature_name']} not found"})
        else:
            pictures = np.array(asked["instances"]).transpose(0, 3, 1, 2) / 255
            self._answer(200, {"predictions": mean_colour.probabilities(WEIGHTS, pictures).tolist()})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(OPTIONS["rest_api_port"])), Answers).serve_forever()
