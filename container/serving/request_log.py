"""A line for each request that failed, and, by a setting, for each one that was answered.

A reply that is streamed gets its line at its end: then it is known whether it was complete.

A flood of bad requests is no flood of the log: beyond a number of lines a second, lines are counted instead.
"""

import time
from typing import Any

from serving import log
from serving.exchange import Exchange, Reply

LINES_PER_TICK = 250
"""How many lines are written between two ticks of the front, of which there are four a second."""

LONGEST_PATH = 200
LONGEST_INFERENCE_ID = 64
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""

_CLIENT_ERROR = 400
_SERVER_ERROR = 500
_BUSY = 503


def request_id(number: int) -> str:
    """A request's number as the log writes it."""
    return f"{number:016x}"


class RequestLog:
    """The lines of one container.

    Args:
        every: Whether there is a line for requests that succeeded, too.
    """

    def __init__(self, *, every: bool) -> None:
        self._every = every
        self._written = 0
        self._left_out = 0

    def replied(self, exchange: Exchange, reply: Reply) -> None:
        """Write the line of a request, if it gets one.

        `/ping` gets none: SageMaker asks for as long as the model is loaded, and what makes it fail has lines itself.
        """
        if exchange.path == "/ping" or reply.stream is not None or (reply.status < _CLIENT_ERROR and not self._every):
            return
        if not self._has_room():
            return
        fields = _fields(exchange, reply.status)
        fields |= {"bytes_in": len(exchange.body), "bytes_out": len(reply.body)}
        if reply.status < _CLIENT_ERROR:
            log.info("request answered", **fields)
        elif reply.status < _SERVER_ERROR:
            log.info("request refused", **fields)
        elif reply.status == _BUSY:
            log.warning("request failed", **fields)
        else:
            log.error("request failed", **fields)

    def ended(self, exchange: Exchange) -> None:
        """Write the line of a request whose reply was streamed, if it gets one."""
        reply, stream = exchange.reply, exchange.stream
        broken = exchange.outcome == "broken"
        if reply is None or stream is None or not (broken or self._every) or not self._has_room():
            return
        fields = _fields(exchange, reply.status) | {"stream": exchange.outcome}
        fields |= {"bytes_in": len(exchange.body) + stream.received, "bytes_out": stream.sent}
        if broken:
            log.error("request failed", **fields)
        else:
            log.info("request answered", **fields)

    def tick(self) -> None:
        """Begin to count anew, and say how many lines there would have been."""
        if self._left_out:
            log.warning("requests failed without a line of their own", requests=self._left_out)
        self._written = self._left_out = 0

    def _has_room(self) -> bool:
        if self._written >= LINES_PER_TICK and not self._every:
            self._left_out += 1
            return False
        self._written += 1
        return True


def _fields(exchange: Exchange, status: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"request_id": request_id(exchange.number)}
    inference_id = exchange.headers.get(b"x-amzn-sagemaker-inference-id")
    if inference_id is not None:
        fields["inference_id"] = inference_id[:LONGEST_INFERENCE_ID].decode("latin-1")
    fields |= {"method": exchange.method.decode("latin-1"), "path": exchange.path[:LONGEST_PATH], "status": status}
    if exchange.arrived:
        fields["ms"] = round((time.monotonic() - exchange.arrived) * 1000, 1)
    return fields
