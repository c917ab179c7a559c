"""One line per event on stderr: time, level, process, event, fields. A traceback follows its line as Python writes it.

Payloads are never logged.
"""

import json
import logging
import sys
import time
from typing import Any

_logger = logging.getLogger("serving")


class _LineFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {process} %(message)s")


def configure(process: str) -> None:
    """Send this process's log to stderr.

    Args:
        process: Its name in every line, such as `worker-0`.
    """
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_LineFormatter(process))
    logging.basicConfig(level=logging.INFO, handlers=[stream], force=True)


def info(event: str, **fields: Any) -> None:  # noqa: ANN401 - whatever has a readable str()
    """Log what happened."""
    _logger.info("%s", _line(event, fields))


def error(event: str, *, traceback_of: BaseException | None = None, **fields: Any) -> None:  # noqa: ANN401 - see info
    """Log what went wrong, with the traceback of its cause where there is one."""
    _logger.error("%s", _line(event, fields), exc_info=traceback_of)


def _line(event: str, fields: dict[str, Any]) -> str:
    return " ".join([event, *(f"{name}={_quoted(str(value))}" for name, value in fields.items())])


def _quoted(text: str) -> str:
    bare = text != "" and text.isprintable() and not any(character in ' "=' for character in text)
    return text if bare else json.dumps(text)
