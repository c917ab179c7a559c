"""What a client says to open a WebSocket, and what is answered: https://datatracker.ietf.org/doc/html/rfc6455#section-4."""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from serving.errors import MalformedRequestError, UpgradeRequiredError
from serving.exchange import Exchange

VERSION = b"13"

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def require_handshake(exchange: Exchange) -> None:
    """Look at a request's headers.

    Raises:
        UpgradeRequiredError: It asks for no WebSocket, or for one of another version.
        MalformedRequestError: Its key is none.
    """
    headers = exchange.headers
    wanted = [token.strip().lower() for token in headers.get(b"connection", b"").split(b",")]
    upgrades = b"upgrade" in wanted and headers.get(b"upgrade", b"").lower() == b"websocket"
    if exchange.http_1_0 or not upgrades or headers.get(b"sec-websocket-version") != VERSION:
        raise UpgradeRequiredError(f"{exchange.path} speaks WebSocket, version {VERSION.decode()}.")
    try:
        key = base64.b64decode(headers.get(b"sec-websocket-key", b""), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 16 or exchange.body:  # noqa: PLR2004 - bytes of a key
        raise MalformedRequestError("Sec-WebSocket-Key must be 16 bytes in base64, and the request without a body.")


def accepted(headers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The headers of the answer that opens it."""
    key = headers[b"sec-websocket-key"]
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    return {b"upgrade": b"websocket", b"connection": b"Upgrade", b"sec-websocket-accept": base64.b64encode(digest)}
