"""Several requests, one prediction: rows are put together, the answer is split again.

What is predicted together are rows, as the codec reads them: plain CSV by one conversion for all requests, anything
else one request after the other. A request that cannot be read fails alone. If the prediction of all rows raises, or
has not one item for each row, each request is predicted alone, so that a bad one fails alone as well.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from serving import codec
from serving.handler import Handler, Request, Response

Answer = Response | Exception


def answer_all(handler: Handler, requests: Sequence[Request]) -> list[Answer]:
    """The answer or the error of each request, in their order."""
    if len(requests) > 1 and handler.batchable:
        return _together(handler, requests)
    return [_alone(handler, request) for request in requests]


def _alone(handler: Handler, request: Request) -> Answer:
    try:
        return handler(request)
    except Exception as reason:  # noqa: BLE001 - whatever it was, this request gets an answer and the others theirs
        return reason


def _together(handler: Handler, requests: Sequence[Request]) -> list[Answer]:
    together = codec.decode_together([one.body for one in requests], [one.content_type for one in requests])
    data = together if together is not None else [_read(handler, request) for request in requests]
    arrays = [rows for rows in data if isinstance(rows, np.ndarray)]
    predictions = iter(_split_prediction(handler, arrays, requests[0]))
    answers: list[Answer] = []
    for request, rows in zip(requests, data, strict=True):
        if isinstance(rows, Exception):
            answers.append(rows)
            continue
        prediction = next(predictions, None) if isinstance(rows, np.ndarray) else None
        answers.append(_alone(handler, request) if prediction is None else _written(handler, prediction[0], request))
    return answers


def _read(handler: Handler, request: Request) -> Any:  # noqa: ANN401 - whatever the handler reads, or the error
    try:
        return handler.read(request)
    except Exception as reason:  # noqa: BLE001 - see _alone
        return reason


def _written(handler: Handler, prediction: object, request: Request) -> Answer:
    try:
        return handler.write(prediction, request)
    except Exception as reason:  # noqa: BLE001 - see _alone
        return reason


def _split_prediction(handler: Handler, arrays: list[npt.NDArray[Any]], request: Request) -> list[tuple[Any]]:
    """The prediction of each array, or none at all if they cannot be predicted together."""
    if len({array.shape[1:] for array in arrays}) != 1:
        return []
    try:
        prediction = handler.predict(np.concatenate(arrays), request)
        if len(prediction) != sum(map(len, arrays)):
            return []
        parts: list[tuple[Any]] = []
        start = 0
        for array in arrays:
            parts.append((prediction[start : start + len(array)],))
            start += len(array)
    except Exception:  # noqa: BLE001 - each request is asked again alone, and then says what is wrong with it
        return []
    return parts
