from __future__ import annotations

import io
import json
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from pictures import CLASSES, jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

RECYCLING = Path(__file__).parents[2] / "models" / "recycling"
PAYLOADS = json.loads((RECYCLING / "payloads" / "payloads.json").read_text())["payloads"]
GLASS = (RECYCLING / "payloads" / "glass_bottle.jpg").read_bytes()
SEED_OF_NO_TRAINING = 1


def lay_out_training(base: Path, **changed: str) -> None:
    settings = json.loads((RECYCLING / "hyperparameters.json").read_text()) | changed
    (base / "input" / "config").mkdir(parents=True)
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(settings))
    shutil.copytree(RECYCLING / "train", base / "code", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def recycling(start: Any, tmp_path: Path) -> Any:
    """The container with the committed model, ready."""
    shutil.copytree(RECYCLING / "model", tmp_path / "model")
    shutil.copytree(RECYCLING / "code", tmp_path / "model" / "code", ignore=shutil.ignore_patterns("__pycache__"))
    server = start()
    server.wait_for_ping(200)
    return server


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def glass() -> Image.Image:
    return Image.open(io.BytesIO(GLASS))


def test_training_again_writes_the_committed_model_byte_for_byte_and_prints_its_metrics(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    lay_out_training(tmp_path)
    process = train()
    printed, log = process.communicate()
    assert process.returncode == 0, log
    metrics = [line.partition(": ") for line in printed.splitlines()]
    assert [name for name, _, _ in metrics[-2:]] == ["train-accuracy", "validation-accuracy"]
    assert float(metrics[-1][2]) > 0.9
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == {
        path.name: path.read_bytes() for path in (RECYCLING / "model").iterdir()
    }


def test_fails_to_train_with_settings_that_leave_nothing_to_learn(train: Callable[..., Any], tmp_path: Path) -> None:
    lay_out_training(tmp_path, epochs="0")
    process = train()
    process.communicate()
    assert process.returncode == 1
    assert "epochs must be at least 1" in (tmp_path / "output" / "failure").read_text()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the settings name instructions of x86-64")
def test_training_writes_the_same_bytes_whatever_the_processor_offers(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    found = []
    for number, offered in enumerate(
        ({}, {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "2", "NPY_DISABLE_CPU_FEATURES": "X86_V3"})
    ):
        base = tmp_path / str(number)
        lay_out_training(base, training_pictures="96", validation_pictures="3", epochs="3")
        process = train(SAGEMAKER_BASE_DIR=str(base), **offered)
        assert process.wait() == 0, process.stderr.read()
        process.communicate()
        found.append((base / "model" / "recycling.onnx").read_bytes())
    assert found[0] == found[1]


def test_the_committed_model_tells_pictures_apart_that_it_has_never_seen(recycling: Any) -> None:
    rng = np.random.default_rng(SEED_OF_NO_TRAINING)
    right = dict.fromkeys(CLASSES, 0)
    for label in CLASSES * 100:
        answer = json.loads(recycling.invoke(jpeg(rng, label), "image/jpeg").body)
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        right[label] += answer["label"] == label
    assert sum(right.values()) >= 270
    assert min(right.values()) >= 80


def test_the_committed_model_answers_every_payload_as_expected(recycling: Any) -> None:
    assert [payload["body"] for payload in PAYLOADS] == [f"{label}.jpg" for label in sorted(CLASSES)]
    for payload in PAYLOADS:
        body = (RECYCLING / "payloads" / payload["body"]).read_bytes()
        expected = json.loads((RECYCLING / "payloads" / payload["expected"]).read_text())
        answer = recycling.invoke(body, payload["content_type"], accept=payload["accept"])
        assert (answer.status, answer.headers["content-type"]) == (200, payload["accept"])
        assert json.loads(answer.body)["label"] == expected["label"] == payload["body"].removesuffix(".jpg")
        assert json.loads(answer.body)["probabilities"] == pytest.approx(
            expected["probabilities"], abs=payload["tolerance"], rel=0
        )


def test_the_same_picture_is_read_from_every_form_of_file(recycling: Any) -> None:
    expected = recycling.invoke(GLASS, "image/jpeg")
    turned = glass().transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[0x0112] = 6  # to be turned by a right angle before it is shown
    for body, content_type in [
        (written(glass(), "PNG"), "image/png"),
        (written(glass().convert("RGBA"), "PNG"), "image/png"),
        (written(turned, "PNG", exif=exif), "image/png"),
        (written(glass(), "PNG"), "application/x-image"),
        (GLASS, "application/x-image"),
    ]:
        answer = recycling.invoke(body, content_type, accept="*/*")
        assert (answer.status, answer.body) == (200, expected.body)
        assert answer.headers["content-type"] == "application/json"


def test_pictures_of_any_size_and_colour_are_read(recycling: Any) -> None:
    beside = Image.new("RGB", (400, 96), "grey")
    beside.paste(glass(), (152, 0))
    assert recycling.invoke(written(beside, "PNG"), "image/png").body == recycling.invoke(GLASS, "image/jpeg").body
    for image in (glass().resize((1000, 1000)), glass().convert("CMYK"), glass().convert("L"), glass().resize((1, 9))):
        answer = recycling.invoke(written(image, "JPEG"), "image/jpeg")
        assert (answer.status, set(json.loads(answer.body)["probabilities"])) == (200, set(CLASSES))


@pytest.mark.parametrize(
    ("body", "content_type", "status", "sentence"),
    [
        (b"no picture", "image/jpeg", 400, "The body cannot be decoded as a JPEG file: it is of another kind."),
        (b"", "image/png", 400, "The body cannot be decoded as a PNG file: it is of another kind."),
        (GLASS, "image/png", 400, "The body cannot be decoded as a PNG file: it is of another kind."),
        (GLASS[:-500], "image/jpeg", 400, "The body cannot be decoded as a JPEG file: image file is truncated"),
        (
            written(Image.new("1", (6000, 5000)), "PNG"),
            "image/png",
            400,
            "The picture must have at most 25,000,000 pixels, got 6,000 x 5,000.",
        ),
        (b"1,2", "text/csv", 415, "Content-Type text/csv cannot be read; send one of image/jpeg, image/png"),
        (GLASS, "image/webp", 415, "Content-Type image/webp cannot be read; send one of image/jpeg, image/png"),
        (GLASS, "", 415, "Content-Type is missing; send one of image/jpeg, image/png"),
    ],
)
def test_fails_with_a_sentence_for_what_is_no_picture(
    recycling: Any, body: bytes, content_type: str, status: int, sentence: str
) -> None:
    answer = recycling.invoke(body, content_type)
    assert answer.status == status
    assert answer.text.startswith(sentence)
    assert recycling.invoke(GLASS, "image/jpeg").status == 200
