"""What the client gets for an error."""

from serving.errors import BusyError, MethodNotAllowedError, ServingError, UpgradeRequiredError
from serving.exchange import Reply
from serving.wire import header_lines


def reply_of(reason: ServingError) -> Reply:
    """Its status and its sentence."""
    headers = {b"content-type": b"text/plain; charset=utf-8"}
    if isinstance(reason, BusyError):
        headers[b"retry-after"] = b"1"
    if isinstance(reason, UpgradeRequiredError):
        headers |= {b"upgrade": b"websocket", b"sec-websocket-version": b"13"}
    if isinstance(reason, MethodNotAllowedError):
        headers[b"allow"] = ", ".join(reason.allowed).encode()
    return Reply(status=reason.status, body=str(reason).encode(), head=header_lines(headers))
