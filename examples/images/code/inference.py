"""The recycling network in AWS's PyTorch image, whose toolkit calls these two functions."""

import io
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


def model_fn(model_dir: str) -> onnxruntime.InferenceSession:
    """Load the network."""
    return onnxruntime.InferenceSession(Path(model_dir) / "recycling.onnx")


def transform_fn(
    model: onnxruntime.InferenceSession, request_body: bytes, content_type: str, accept: str
) -> tuple[str, str]:
    """Say what a picture shows."""
    del content_type, accept
    picture = np.asarray(Image.open(io.BytesIO(request_body)).convert("RGB"))
    (probabilities,) = model.run(["probabilities"], {"picture": picture})
    classes = model.get_modelmeta().custom_metadata_map["classes"].split(",")
    shares = dict(zip(classes, probabilities.tolist(), strict=True))
    return json.dumps({"label": max(shares, key=shares.__getitem__), "probabilities": shares}), "application/json"
