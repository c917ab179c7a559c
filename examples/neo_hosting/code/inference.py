"""Around a compiled ResNet: a picture in, a score for each class out. The image itself loads the model."""

import io
import json
from typing import Any

from PIL import Image
from torchvision import transforms

PREPARE = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def transform_fn(model: Any, body: bytes, content_type: str, accept: str) -> tuple[str, str]:
    """Say what a picture shows."""
    del content_type
    picture = PREPARE(Image.open(io.BytesIO(body)).convert("RGB")).unsqueeze(0)
    return json.dumps(model(picture).detach().cpu().tolist()), accept
