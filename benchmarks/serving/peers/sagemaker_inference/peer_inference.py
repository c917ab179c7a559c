"""The user's module of sagemaker-inference: the functions of the model, and a fast input_fn where it has none."""

import inference
import task
from inference import model_fn  # noqa: F401 - part of the contract

if hasattr(inference, "transform_fn"):
    from inference import transform_fn  # noqa: F401 - part of the contract
else:
    from inference import output_fn, predict_fn  # noqa: F401 - part of the contract

    def input_fn(body: str, content_type: str) -> object:  # noqa: ARG001 - the contract's signature
        """Rows of a CSV body."""
        return task.Rows.read(None, body.encode())
