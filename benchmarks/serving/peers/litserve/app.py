"""A LitAPI.

python app.py PORT WORKERS
"""

import os
import sys
from typing import Annotated, Any

import litserve
import task
from fastapi import Body, Response

BATCH = int(os.environ.get("BATCH", "1"))
RawBody = Annotated[bytes, Body(media_type="application/octet-stream")]


class API(litserve.LitAPI):
    """The model."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - the API's signature
        """Load it."""
        self._task = task.load()

    def decode_request(self, request: RawBody) -> Any:
        """The body as the model takes it."""
        return self._task.read(request)

    def batch(self, inputs: list[Any]) -> list[Any]:
        """Those of several requests."""
        return inputs

    def predict(self, data: Any) -> Any:
        """The model's prediction; with batching, that of each request."""
        return self._task.predict(data) if BATCH == 1 else self._task.predict_together(data)

    def unbatch(self, output: list[Any]) -> list[Any]:
        """One for each request."""
        return output

    def encode_response(self, output: Any) -> Response:
        """The answer."""
        return Response(self._task.write(output), media_type=self._task.content_type)


if __name__ == "__main__":
    api = API(max_batch_size=BATCH, batch_timeout=0.001 if BATCH > 1 else 0.0, api_path="/invocations")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=int(sys.argv[2]), healthcheck_path="/ping")
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        log_level="error",
        generate_client_file=False,
        access_log=False,
    )
