"""Content types: what a request says it sends, and what it accepts."""

from collections.abc import Sequence
from functools import lru_cache

from serving.errors import MalformedBodyError, NotAcceptableError, UnsupportedMediaTypeError

CSV = "text/csv"
JSON = "application/json"
JSONLINES = "application/jsonlines"
NPY = "application/x-npy"
TYPES = (JSON, CSV, JSONLINES, NPY)


@lru_cache(maxsize=64)
def media_type(header: str) -> str:
    """The bare type of a `Content-Type` header, in lower case, or an empty string where there is none."""
    return header.partition(";")[0].strip().lower()


def text_or_bytes(body: bytes, content_type: str) -> str | bytes:
    """The body as `input_fn` gets it: a string for text and JSON, as in SageMaker's own containers, else the bytes.

    Raises:
        MalformedBodyError: A body of text that is not UTF-8.
        UnsupportedMediaTypeError: A body of text in a declared character set other than UTF-8.
    """
    bare = media_type(content_type)
    if not bare.startswith(("text/", "application/json")):  # JSON Lines as well
        return body
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedMediaTypeError(f"The body must be UTF-8, its Content-Type says charset {value.strip()}.")
    try:
        return body.decode()
    except UnicodeDecodeError as reason:
        raise MalformedBodyError(f"The {bare} body is not UTF-8: byte {reason.start + 1} cannot be read.") from reason


def is_opaque(content_type: str) -> bool:
    """Whether a body is for the handler to read: images and other bytes that are no rows of numbers."""
    bare = media_type(content_type)
    return bare == "application/octet-stream" or bare.startswith(("image/", "audio/", "video/"))


@lru_cache(maxsize=64)
def negotiate(accept: str, default: str, offered: Sequence[str] = TYPES) -> str:
    """The type to answer in.

    Args:
        accept: The request's `Accept` header; an empty one accepts everything.
        default: The type for a request that leaves it open.
        offered: The types that can be written.

    Raises:
        NotAcceptableError: The request accepts none of them.
    """
    preferred = sorted(offered, key=lambda offer: offer != default)
    for wanted in _wanted(accept):
        for offer in preferred:
            if wanted in ("*/*", offer, offer.partition("/")[0] + "/*"):
                return offer
    raise NotAcceptableError(f"None of the types in Accept ({accept}) can be written; ask for {' or '.join(offered)}.")


@lru_cache(maxsize=64)
def first_choice(accept: str, default: str) -> str:
    """The type that the request likes best, for an `output_fn` that may write any type."""
    wanted = next(iter(_wanted(accept)), "*/*")
    if wanted == "*/*":
        return default
    return negotiate(wanted, default) if wanted in ("text/*", "application/*") else wanted


def _wanted(accept: str) -> list[str]:
    """The media ranges of an `Accept` header, the most wanted first."""
    ranges: list[tuple[float, str]] = []
    for item in (accept.strip() or "*/*").split(","):
        quality = 1.0
        for parameter in item.split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    raise NotAcceptableError(f"The q of Accept must be a number, got {value.strip()!r}.") from None
        if quality > 0:
            ranges.append((quality, media_type(item)))
    return [wanted for _, wanted in sorted(ranges, key=lambda entry: -entry[0])]
