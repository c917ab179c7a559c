"""The first container of the pipeline: rows of inches in, rows of centimetres out."""

import numpy as np
import numpy.typing as npt

CENTIMETRES = 2.54


def model_fn(model_dir: str) -> float:
    """Return what there is to know: nothing is loaded."""
    del model_dir
    return CENTIMETRES


def predict_fn(rows: npt.NDArray[np.float32], model: float) -> npt.NDArray[np.float32]:
    """Turn all numbers into centimetres."""
    return rows * np.float32(model)


def output_fn(rows: npt.NDArray[np.float32], accept: str) -> tuple[str, str]:
    """Write CSV, which the next container reads, whatever the caller of the endpoint asked for."""
    del accept
    return "".join(",".join(f"{size:.4g}" for size in row) + "\n" for row in rows.tolist()), "text/csv"
