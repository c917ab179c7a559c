"""One line per event on stderr: a JSON object, or a line for people on a terminal or by a setting.

    {"time": "2026-11-21T14:00:00.123Z", "level": "INFO", "process": "worker-0", "event": "model loaded", ...fields}

A traceback is a field of its event. What the model's author logs with `logging` comes out the same way, with the name
of the logger; what the author prints in a worker does, too. The container itself never logs a payload.
"""

import atexit
import io
import json
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

from serving.errors import ServingError

LogFormat = Literal["json", "text"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

LONGEST_TEXT = 20_000
"""Characters of a field; more lose their middle. CloudWatch Logs takes events of 256 KiB."""

LONGEST_LINE = 8192
"""Characters that are printed without the end of a line before they become a line."""

_logger = logging.getLogger("serving")
_context: Callable[[], Mapping[str, Any]] = dict
_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "fields"}
_FIRST = ("time", "level", "process", "event")
_OWN = (str(Path(__file__).parent), "<frozen importlib")


def configure(process: str, *, style: LogFormat | None = None, level: LogLevel = "INFO") -> None:
    """Send this process's log to stderr.

    Args:
        process: Its name in every line, such as `worker-0`.
        style: How lines are written. Without it, for people where stderr is a terminal, else as JSON.
        level: What is less important than this is left out.
    """
    stderr = sys.__stderr__ or sys.stderr
    stream = logging.StreamHandler(stderr)
    as_text = style == "text" or (style is None and stderr.isatty())
    stream.setFormatter(_TextFormatter(process) if as_text else _JsonFormatter(process))
    logging.basicConfig(level=level, handlers=[stream], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def capture_prints() -> None:
    """Make lines of the log from what is printed from now on, unless the log is written for people."""
    if any(isinstance(handler.formatter, _JsonFormatter) for handler in logging.getLogger().handlers):
        sys.stdout = _Printed(sys.stdout, logging.getLogger("stdout"), logging.INFO)
        sys.stderr = _Printed(sys.stderr, logging.getLogger("stderr"), logging.WARNING)


def concerning(context: Callable[[], Mapping[str, Any]]) -> None:
    """Add fields to every line from now on, such as the id of the request that is worked on.

    Args:
        context: Gives the fields, and is called for lines that are written only.
    """
    global _context  # noqa: PLW0603 - the log of a process is one thing
    _context = context


def info(event: str, **fields: Any) -> None:  # noqa: ANN401 - whatever has a readable str()
    """Log what happened."""
    _logger.info("%s", event, extra={"fields": fields})


def warning(event: str, **fields: Any) -> None:  # noqa: ANN401 - see info
    """Log what may be wrong."""
    _logger.warning("%s", event, extra={"fields": fields})


def error(event: str, *, traceback_of: BaseException | None = None, **fields: Any) -> None:  # noqa: ANN401 - see info
    """Log what went wrong, with the traceback of its cause where there is one."""
    _logger.error("%s", event, exc_info=traceback_of, extra={"fields": fields})


def traceback_of(reason: BaseException) -> str:
    """The traceback, as Python writes it.

    A ServingError says itself what is wrong: of it and its cause, the frames of the container are left out. Of any
    other error, which may be the container's, they are all there.
    """
    told = traceback.TracebackException.from_exception(reason)
    exception: traceback.TracebackException | None = told
    while exception is not None and _is_own(exception):
        cause = exception.__cause__
        for each in filter(None, (exception, cause)):
            each.stack = traceback.StackSummary.from_list(
                [frame for frame in each.stack if not frame.filename.startswith(_OWN)]
            )
            if not each.stack:
                each.stack = None  # type: ignore[assignment]  # then there is no headline either
        exception = cause
    return "".join(told.format()).rstrip()


class _Formatter(logging.Formatter):
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging's name and type
        """The traceback of what a line is about."""
        return traceback_of(ei[1]) if ei[1] is not None else ""

    def fields_of(self, record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
        """What belongs to an event: what was given with it, then what is worked on, then who says so."""
        given = getattr(record, "fields", {})
        yield from given.items()
        yield from ((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        yield from ((name, value) for name, value in _context().items() if name not in given)
        if record.name != _logger.name:
            yield "logger", record.name


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "process": self._process,
            "event": _shortened(record.getMessage()),
        }
        for name, value in self.fields_of(record):
            line[f"{name}_" if name in _FIRST else name] = _shortened(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0] is not None:
            line["traceback"] = _shortened(self.formatException(record.exc_info))
        try:
            return json.dumps(line, default=str, allow_nan=False)
        except (ValueError, TypeError):  # infinity, a circle, a key that is no string
            return json.dumps({name: _shortened(str(value)) for name, value in line.items()})


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it as Python writes it."""
        words = [self.formatTime(record), record.levelname, self._process, _shortened(record.getMessage())]
        words += [f"{name}={_quoted(_shortened(str(value)))}" for name, value in self.fields_of(record)]
        line = " ".join(words)
        if record.exc_info and record.exc_info[0] is not None:
            line += f"\n{_shortened(self.formatException(record.exc_info))}"
        return line


class _Printed(io.TextIOWrapper):
    """A standard stream whose lines become lines of the log."""

    def __init__(self, stream: TextIO, logger: logging.Logger, level: int) -> None:
        super().__init__(stream.buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
        self._logger = logger
        self._level = level
        self._begun = ""
        self._busy = threading.local()
        atexit.register(self._end)

    def write(self, text: str) -> int:
        """Take what is printed."""
        if getattr(self._busy, "now", False):  # logging itself has something to complain about
            return super().write(text)
        self._busy.now = True
        try:
            *lines, self._begun = (self._begun + text).replace("\r", "\n").split("\n")
            if len(self._begun) > LONGEST_LINE:
                lines, self._begun = [*lines, self._begun], ""
            for line in lines:
                if line.strip():
                    self._logger.log(self._level, "%s", line)
        finally:
            self._busy.now = False
        return len(text)

    def _end(self) -> None:
        self.write("\n")


def _is_own(exception: traceback.TracebackException) -> bool:
    return exception.exc_type is not None and issubclass(exception.exc_type, ServingError)


def _uncaught(kind: type[BaseException], error_: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error_ if error_ is not None else kind(), traceback)
        return
    _logger.critical("uncaught exception", exc_info=(kind, error_, traceback))  # type: ignore[arg-type]


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]} ... {len(text) - 2 * half} characters ... {text[-half:]}"


def _quoted(text: str) -> str:
    bare = text != "" and text.isprintable() and not any(character in ' "=' for character in text)
    return text if bare else json.dumps(text)
