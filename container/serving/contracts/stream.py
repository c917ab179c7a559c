"""The function for bidirectional streams, which stands beside those of a contract with model_fn.

    stream_fn(model, parts)   yields str, bytes or Part for the client while it iterates over what the client says

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from collections.abc import Generator, Iterator
from typing import Any

from serving.contracts.contract import Function
from serving.handler import Handler, Request, UserFunction, parts_of
from serving.part import Part

STREAM_FN = Function(name="stream_fn", parameters=("model", "parts"))


class Streaming(Handler):
    """A handler of a model with such a function, or without."""

    _model: Any
    _stream: UserFunction | None

    def converse(self, parts: Iterator[Part], request: Request) -> Generator[Part]:
        """What stream_fn says to what the client says."""
        assert self._stream is not None  # noqa: S101 - converses says so
        return parts_of(
            self._stream(self._model, parts, context=self.context(request, self._stream)), returned_by="stream_fn"
        )
