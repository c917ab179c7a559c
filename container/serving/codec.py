"""Bodies: what arrives as CSV, JSON, JSON Lines or npy becomes an array, an answer becomes any of them.

Strict about shape: every row has as many numbers as the first, and a body that is anything else is refused with the
place. Nothing is ever unpickled. What reads numbers fast reads no others: whatever it stumbles over is read again by
what can name the place.
"""

import contextlib
import csv
import io
import json
import math
from array import array
from collections.abc import Collection, Sequence
from itertools import accumulate, chain
from tokenize import TokenError
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import orjson

from serving.content_types import CSV, TYPES, media_type, text_or_bytes
from serving.errors import HandlerError, MalformedBodyError, UnsupportedMediaTypeError

Rows = npt.NDArray[np.float32]


def decode(body: str | bytes, content_type: str) -> Rows:
    """Rows of numbers, as SageMaker's scikit-learn container reads them: 32-bit floats, always two-dimensional.

    Args:
        body: `text/csv`: one row per line, no header. `application/json`: an array of rows, or one row.
            `application/jsonlines`: one row per line, an array. `application/x-npy`: an array of numbers of any
            dimensions, the first of which are the rows.
        content_type: The body's type.

    Raises:
        MalformedBodyError: Naming row and column, or line and character, of what cannot be read.
        UnsupportedMediaTypeError: For any other type.
    """
    match media_type(content_type):
        case "text/csv":
            return _rows_of_csv(body if isinstance(body, str) else body.decode())
        case "application/json":
            return _array(_rows_of_json(body))
        case "application/jsonlines":
            return _array(_rows_of_json_lines(body if isinstance(body, bytes) else body.encode()))
        case "application/x-npy":
            return _rows_of_npy(body if isinstance(body, bytes) else body.encode())
        case "":
            raise UnsupportedMediaTypeError(f"The request has no Content-Type; send one of {', '.join(TYPES)}.")
        case other:
            raise UnsupportedMediaTypeError(f"Content-Type {other} is not supported; send one of {', '.join(TYPES)}.")


def decode_together(bodies: Sequence[bytes], content_types: Collection[str]) -> tuple[Rows, list[int]] | None:
    """The rows of several bodies by one conversion, where all of them are plain CSV with as many columns.

    Args:
        bodies: One for each request.
        content_types: All that they have.

    Returns:
        The rows of all bodies, and at which row each body ends. Or None: then each has to be decoded alone, and says
        itself what is wrong with it.
    """
    try:
        plain = all(media_type(each) == CSV and text_or_bytes(b"", each) == "" for each in set(content_types))
    except UnsupportedMediaTypeError:
        return None
    if not plain:
        return None
    texts = [body.rstrip() for body in bodies]
    rows = _plain_rows(b"\n".join(texts))
    if rows is None:
        return None
    return rows, list(accumulate([text.count(b"\n") + 1 for text in texts]))


def encode(value: Any, content_type: str) -> bytes:  # noqa: ANN401 - any array, list or scalar
    """Write an answer.

    Args:
        value: An array, a list or a scalar; `application/json` also takes mappings. `text/csv` and
            `application/jsonlines` write one line per row.
        content_type: One of `TYPES`. JSON has no NaN or infinity: they become null.

    Raises:
        HandlerError: The value has no form in that type.
    """
    try:
        match content_type:
            case "application/json":
                return _json_of(value)
            case "application/jsonlines":
                rows = value if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) else [value]
                return b"".join(_json_of(row) + b"\n" for row in rows)
            case "application/x-npy":
                return _npy_of(value)
            case _:
                return _csv_of(value)
    except TypeError as reason:
        raise HandlerError(
            f"The model's answer is a {type(value).__name__} that has no form as {content_type}; "
            "inference.py must define an output_fn that writes it."
        ) from reason


def _array(rows: Sequence[Sequence[float]]) -> Rows:
    columns = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise MalformedBodyError(f"Row {number} has {_columns(len(row))}, row 1 has {columns}.")
    with np.errstate(over="ignore"):  # a number beyond 32 bits is infinite, as numpy makes it everywhere
        return np.array(rows, dtype=np.float32)


def _rows_of_csv(text: str) -> Rows:
    text = text.rstrip()
    rows = _plain_rows(text.encode())
    return rows if rows is not None else _array(_lines_of_csv(text))


def _plain_rows(text: bytes) -> Rows | None:
    """The rows of CSV without quotes, or None where there is anything to complain about."""
    lines = text.split(b"\n")
    commas = {line.count(b",") for line in lines}
    if len(commas) != 1:
        return None
    cells = _cells(text.replace(b"\n", b","))
    columns = commas.pop() + 1
    if cells is None or len(cells) != len(lines) * columns:
        return None
    # An array of C floats makes infinity of what is beyond 32 bits, as numpy does, but without a warning to suppress.
    return np.frombuffer(array("f", cells), dtype=np.float32).reshape(len(lines), columns)


def _cells(text: bytes) -> list[float] | None:
    """The numbers between commas: by the parser of JSON, where they could stand in it, which is three times as fast."""
    if not text.translate(None, b"0123456789.,+-eE \r"):
        with contextlib.suppress(orjson.JSONDecodeError):
            return cast("list[float]", orjson.loads(b"[%b]" % text))
    if b'"' in text or b"_" in text:  # float() reads 1_000, CSV does not
        return None
    try:
        return [float(cell) for cell in text.split(b",")]
    except ValueError:
        return None


def _lines_of_csv(text: str) -> list[list[float]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as reason:
        raise MalformedBodyError(f"The text/csv body is malformed: {reason}.") from reason
    if not lines:
        raise MalformedBodyError("The text/csv body is empty; send at least one row.")
    if "_" not in text:
        try:
            return [[float(cell) for cell in line] for line in lines]
        except ValueError:
            pass
    raise MalformedBodyError(_first_bad_cell(lines))


def _first_bad_cell(lines: list[list[str]]) -> str:
    for row, line in enumerate(lines, start=1):
        for column, cell in enumerate(line, start=1):
            if cell.strip() == "":
                return f"Row {row}, column {column} is empty; write nan for a missing number."
            try:
                bad = "_" in cell or float(cell) is None
            except ValueError:
                bad = True
            if bad:
                return f"Row {row}, column {column}: {_shown(cell)} is not a number."
    return "The text/csv body is malformed."


def _rows_of_json(body: str | bytes) -> list[list[float]]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as reason:
        place = f"line {reason.lineno}, character {reason.colno}"
        raise MalformedBodyError(f"The application/json body is malformed at {place}: {reason.msg}.") from reason
    if not isinstance(value, list) or not value:
        raise MalformedBodyError(
            f"The application/json body must be an array of rows such as [[5.1, 3.5]], got {_json_name(value)}."
        )
    rows = value if isinstance(value[0], list) else [value]
    _require_numbers(rows)
    return rows


def _rows_of_json_lines(body: bytes) -> list[list[float]]:
    rows: list[list[float]] = []
    for number, line in enumerate(body.rstrip().split(b"\n"), start=1):
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError as reason:
            place = f"line {number}, character {reason.colno}"
            raise MalformedBodyError(
                f"The application/jsonlines body is malformed at {place}: {reason.msg}."
            ) from reason
    _require_numbers(rows)
    return rows


def _require_numbers(rows: list[list[float]]) -> None:
    if set(map(type, rows)) == {list} and set(map(type, chain.from_iterable(rows))) <= {float, int}:
        return
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list):
            raise MalformedBodyError(f"Row {number} must be an array of numbers, got {_json_name(row)}.")
        for column, cell in enumerate(row, start=1):
            if type(cell) is not float and type(cell) is not int:
                raise MalformedBodyError(f"Row {number}, column {column} must be a number, got {_json_name(cell)}.")


def _rows_of_npy(body: bytes) -> Rows:
    file = io.BytesIO(body)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran_order, dtype = read(file)
    except (ValueError, SyntaxError, TokenError) as reason:
        raise MalformedBodyError(f"The application/x-npy body is malformed: {reason}.") from reason
    if dtype.kind not in "fiu":
        raise MalformedBodyError(f"The application/x-npy body must be an array of numbers, got {dtype}.")
    if not shape or min(shape) < 1:
        raise MalformedBodyError(f"The application/x-npy body must have at least one row, its shape is {shape}.")
    # The header is a claim: nothing of that size is made before as many bytes are there.
    expected, got = math.prod(shape) * dtype.itemsize, len(body) - file.tell()
    if expected != got:
        raise MalformedBodyError(f"The application/x-npy body has {got} bytes of data, its header says {expected}.")
    array = np.frombuffer(body, dtype=dtype, offset=file.tell())
    with np.errstate(over="ignore"):  # see _array
        rows = array.reshape(shape, order="F" if fortran_order else "C").astype(np.float32)
    return rows.reshape(1, -1) if rows.ndim == 1 else rows


def _json_name(value: object) -> str:
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    if isinstance(value, dict):
        return "an object; define input_fn in inference.py to read it"
    return _shown(json.dumps(value))


def _shown(text: str) -> str:
    longest = 40
    return repr(text) if len(text) <= longest else repr(text[:longest]) + "..."


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def _json_of(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def _npy_of(value: object) -> bytes:
    try:
        array = np.asarray(value)
    except ValueError as reason:  # rows of different lengths
        raise TypeError(type(value).__name__) from reason
    if array.dtype.hasobject:
        raise TypeError(type(value).__name__)
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(type(value).__name__)


def _csv_of(value: Any) -> bytes:  # noqa: ANN401 - see encode
    if isinstance(value, np.ndarray | np.generic):
        # str() of a 32-bit float is as short as its precision, of the 64-bit float that tolist() makes it is not
        value = (value.astype(np.str_) if value.dtype in (np.float16, np.float32) else value).tolist()
    rows = value if isinstance(value, list | tuple) else [value]
    lines = [row if isinstance(row, list | tuple) else [row] for row in rows]
    if any(cell is None or isinstance(cell, list | tuple | dict | np.ndarray) for line in lines for cell in line):
        raise TypeError(type(value).__name__)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
