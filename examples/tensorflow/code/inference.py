"""What AWS's TensorFlow container calls before and after TensorFlow Serving: CSV in, the species of each row out."""

import csv
import io
import json
from http import HTTPStatus
from typing import Any

SPECIES = ("setosa", "versicolor", "virginica")


def input_handler(data: Any, context: Any) -> str:
    """Turn rows of CSV into the JSON that TensorFlow Serving reads."""
    if context.request_content_type != "text/csv":
        raise ValueError(f"Content-Type must be text/csv, got {context.request_content_type!r}.")
    rows = csv.reader(io.StringIO(data.read().decode("utf-8")))
    return json.dumps({"instances": [[float(size) for size in row] for row in rows if row]})


def output_handler(response: Any, context: Any) -> tuple[str, str]:
    """Name the most probable species of each row, one a line."""
    del context
    if response.status_code != HTTPStatus.OK:
        raise ValueError(response.content.decode("utf-8"))
    rows = json.loads(response.content)["predictions"]
    return "".join(f"{SPECIES[row.index(max(row))]}\n" for row in rows), "text/csv"
