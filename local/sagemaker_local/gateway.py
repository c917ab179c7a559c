"""The embedded AWS: one URL for every client."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sagemaker_local import emulation
from sagemaker_local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment


class Invocations(Protocol):
    """Answers the invocations of what one service hosts."""

    def invoke(self, name: str, request: Request) -> Response:
        """Answer a request.

        Args:
            name: The endpoint or function, as it stands in the path.
            request: The request of the client.
        """


class Gateway:
    """Answers invocations of endpoints and functions itself, and leaves all other requests to moto."""

    def __init__(self, *, endpoints: Invocations, functions: Invocations) -> None:
        emulation.install()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._routes = (
            (re.compile(r"/endpoints/([^/]+)/invocations"), endpoints),
            (re.compile(r"/2015-03-31/functions/(.+)/invocations"), functions),
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks for it."""
        if environ["REQUEST_METHOD"] == "POST":
            for pattern, service in self._routes:
                found = pattern.fullmatch(environ["PATH_INFO"])
                if found is not None:
                    response = service.invoke(unquote(found[1]), Request(environ))
                    return response(environ, start_response)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer


@contextmanager
def listening(gateway: Gateway, port: int) -> Iterator[str]:
    """Serve on this machine alone.

    Args:
        gateway: What answers.
        port: Port to listen on; 0 for a free one.

    Yields:
        The URL. Its host is ``localhost``: moto takes the first label of a dotted host for the name of a bucket.

    Raises:
        LocalError: If the port is taken.
    """
    try:
        server = make_server("localhost", port, gateway, threaded=True)
    except (OSError, SystemExit) as error:
        raise LocalError(f"port {port} is taken: choose another with --port, or leave it out for a free one") from error
    thread = threading.Thread(target=server.serve_forever, name="embedded-aws", daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
