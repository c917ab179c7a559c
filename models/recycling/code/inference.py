"""The network behind an endpoint: a picture in, what it shows out.

Only the decoding of the file is done here. What a picture goes through before the network, to be cut and shrunk, is in
the ONNX file.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image, ImageOps, UnidentifiedImageError

from serving.errors import MalformedBodyError, UnsupportedMediaTypeError

FORMATS = {"image/jpeg": ["JPEG"], "image/png": ["PNG"], "application/x-image": ["JPEG", "PNG"]}
MOST_PIXELS = 25_000_000
"""A small file may be a picture that fills the memory; its size is known before it is decoded."""
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit, which warns where this one refuses


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """The network, and the names of its outputs."""

    session: onnxruntime.InferenceSession
    classes: tuple[str, ...]


def model_fn(model_dir: str) -> Classifier:
    """Load what train.py saved. Called once in each worker, before the endpoint takes requests."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # there is a worker for each processor already
    session = onnxruntime.InferenceSession(Path(model_dir) / "recycling.onnx", options)
    return Classifier(session=session, classes=tuple(session.get_modelmeta().custom_metadata_map["classes"].split(",")))


def transform_fn(model: Classifier, request_body: bytes, content_type: str, accept: str) -> tuple[str, str]:
    """Say what a JPEG or PNG file shows, as JSON, whatever type is asked for."""
    del accept
    if content_type not in FORMATS:
        raise UnsupportedMediaTypeError(
            f"Content-Type {content_type + ' cannot be read' if content_type else 'is missing'}; "
            f"send one of {', '.join(FORMATS)}."
        )
    (probabilities,) = model.session.run(["probabilities"], {"picture": _pixels(request_body, content_type)})
    label = model.classes[probabilities.argmax()]
    shares = dict(zip(model.classes, probabilities.tolist(), strict=True))
    return json.dumps({"label": label, "probabilities": shares}), "application/json"


def _pixels(body: bytes, content_type: str) -> npt.NDArray[np.uint8]:
    try:
        image = Image.open(io.BytesIO(body), formats=FORMATS[content_type])
        if image.width * image.height > MOST_PIXELS:
            raise MalformedBodyError(
                f"The picture must have at most {MOST_PIXELS:,} pixels, got {image.width:,} x {image.height:,}."
            )
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, SyntaxError, ValueError) as reason:  # what Pillow raises for files that are cut off or damaged
        kinds = " or ".join(FORMATS[content_type])
        raise MalformedBodyError(f"The body cannot be decoded as a {kinds} file: {_reason(reason)}.") from reason


def _reason(error: Exception) -> str:
    # Of a file that is of no known kind, Pillow tells the name, which is that of a Python object here.
    return "it is of another kind" if isinstance(error, UnidentifiedImageError) else str(error).rstrip(".")
