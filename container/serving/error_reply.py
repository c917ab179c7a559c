"""What the client gets for an error."""

from serving import log
from serving.errors import BusyError, MethodNotAllowedError, RequestError, ServingError, UpgradeRequiredError
from serving.exchange import Exchange, Reply


def reply_of(reason: ServingError) -> Reply:
    """Its status and its sentence."""
    headers = {b"content-type": b"text/plain; charset=utf-8"}
    if isinstance(reason, BusyError):
        headers[b"retry-after"] = b"1"
    if isinstance(reason, UpgradeRequiredError):
        headers |= {b"upgrade": b"websocket", b"sec-websocket-version": b"13"}
    if isinstance(reason, MethodNotAllowedError):
        headers[b"allow"] = ", ".join(reason.allowed).encode()
    return Reply(status=reason.status, body=str(reason).encode(), headers=headers)


def refused(exchange: Exchange | None, reason: RequestError) -> Reply:
    """The same, of a request that the front refuses, which is logged."""
    path = exchange.path[:200] if exchange is not None else ""
    log.info("request refused", path=path, status=reason.status, error=type(reason).__name__)
    return reply_of(reason)
