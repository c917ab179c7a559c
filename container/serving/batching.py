"""Several requests, one prediction: rows are put together, the answer is split again.

What is predicted together are rows, as the codec reads them: plain CSV by one conversion for all requests, anything
else one request after the other. A request that cannot be read fails alone. If the prediction of all rows raises, or
has not one item for each row, each request is predicted alone, so that a bad one fails alone as well.
"""

from collections.abc import Sequence
from itertools import accumulate
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
    together = codec.decode_together([one.body for one in requests], {one.content_type for one in requests})
    if together is not None:
        predictions = _predictions(handler, *together, requests[0])
        if predictions is None:
            return [_alone(handler, request) for request in requests]
        return [_written(handler, *each) for each in zip(predictions, requests, strict=True)]
    return _together_once_read(handler, requests)


def _together_once_read(handler: Handler, requests: Sequence[Request]) -> list[Answer]:
    data = [_read(handler, request) for request in requests]
    arrays = [rows for rows in data if isinstance(rows, np.ndarray)]
    predictions = None
    if len({array.shape[1:] for array in arrays}) == 1:
        predictions = _predictions(handler, np.concatenate(arrays), list(accumulate(map(len, arrays))), requests[0])
    following = iter(predictions if predictions is not None else ())
    answers: list[Answer] = []
    for request, rows in zip(requests, data, strict=True):
        if isinstance(rows, Exception):
            answers.append(rows)
        elif predictions is None or not isinstance(rows, np.ndarray):
            answers.append(_alone(handler, request))
        else:
            answers.append(_written(handler, next(following), request))
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


def _predictions(handler: Handler, rows: npt.NDArray[Any], ends: list[int], request: Request) -> list[Any] | None:
    """The prediction of the rows up to each end, or None if they cannot be predicted together."""
    try:
        prediction = handler.predict(rows, request)
        if len(prediction) != len(rows):
            return None
        return [prediction[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    except Exception:  # noqa: BLE001 - each request is asked again alone, and then says what is wrong with it
        return None
