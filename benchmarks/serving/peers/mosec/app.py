"""A worker of mosec; the command line is mosec's own."""

import os
from typing import Any

import task
from mosec import Server, Worker

BATCH = int(os.environ.get("BATCH", "1"))


class Model(Worker):
    """The model."""

    def __init__(self) -> None:
        super().__init__()
        self._task = task.load()
        self.resp_mime_type = self._task.content_type

    def deserialize(self, data: bytes) -> Any:
        """The body as the model takes it."""
        return self._task.read(data)

    def forward(self, data: Any) -> Any:
        """The model's prediction; with batching, that of each request."""
        return self._task.predict(data) if BATCH == 1 else self._task.predict_together(data)

    def serialize(self, data: Any) -> bytes:
        """The answer."""
        return self._task.write(data)


if __name__ == "__main__":
    server = Server()
    server.append_worker(
        Model,
        num=int(os.environ["WORKERS"]),
        max_batch_size=BATCH,
        max_wait_time=1 if BATCH > 1 else 0,
        route="/invocations",
    )
    server.run()
