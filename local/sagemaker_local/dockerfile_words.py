"""The words of a Dockerfile's instructions: quotes, variables, shell commands and JSON lists."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_REFERENCE = r"\$\{(?P<braced>\w+)(?::(?P<operator>[-+])(?P<word>[^}]*))?\}|\$(?P<plain>[A-Za-z_]\w*)"
_VARIABLE = re.compile(_REFERENCE)
_PIECE = re.compile(
    rf"'(?P<single>[^']*)'|\"(?P<double>(?:\\.|[^\"\\])*)\"|\\(?P<escaped>.)|{_REFERENCE}",
    re.DOTALL,
)
_PIECE_IN_DOUBLE_QUOTES = re.compile(rf"\\(?P<escaped>[\"$\\])|{_REFERENCE}")


def commands(script: str, variables: Mapping[str, str]) -> Iterator[list[str]]:
    """Return the commands of a `RUN`, each as its words, without the variables that stand in front.

    Args:
        script: What follows `RUN` and its flags, in shell or exec form.
        variables: Those of `ARG` and `ENV`.
    """
    if script.startswith("["):
        yield list(exec_form(script))
        return
    splitter = shlex.shlex(replace_variables(script, variables), posix=True, punctuation_chars="();&|")
    splitter.whitespace_split = True
    splitter.commenters = ""
    words: list[str] = []
    for token in [*splitter, ";"]:
        if token in ("&&", ";"):
            if words:
                yield words
            words = []
        elif words or not _ASSIGNMENT.fullmatch(token):
            words.append(token)


def exec_form(value: str) -> tuple[str, ...]:
    """Return the words of a JSON list.

    Raises:
        ValueError: If it is something else; the message reads as the end of a sentence.
    """
    try:
        words = json.loads(value)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f'must be a JSON list of strings, such as ["python", "serve.py"], got {value}')
    return tuple(words)


def expand(word: str, variables: Mapping[str, str]) -> str:
    """Substitute variables and take the quotes away, as Docker does with a word of an instruction."""

    def piece(match: re.Match[str]) -> str:
        groups = match.groupdict()
        if groups.get("single") is not None:
            return match["single"]
        if groups.get("double") is not None:
            return _PIECE_IN_DOUBLE_QUOTES.sub(piece, match["double"])
        if groups["escaped"] is not None:
            return match["escaped"]
        return _value(match, variables)

    return _PIECE.sub(piece, word)


def replace_variables(text: str, variables: Mapping[str, str]) -> str:
    """Substitute variables and leave everything else as it is."""
    return _VARIABLE.sub(lambda match: _value(match, variables), text)


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    value = variables.get(match["braced"] or match["plain"], "")
    match match["operator"]:
        case "-":
            return value or replace_variables(match["word"], variables)
        case "+":
            return replace_variables(match["word"], variables) if value else ""
        case _:
            return value
