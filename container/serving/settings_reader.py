"""Variables of the environment as values, with all problems collected."""

import re
from collections.abc import Mapping
from typing import TypeVar

PAIR = re.compile(r"[A-Za-z0-9_.#/-]{1,255}=[\x21-\x7e]{1,255}")

PORT = re.compile(r"[0-9]{1,5}")
MOST_PORT = 65535

Choice = TypeVar("Choice", bound=str | None)


class SettingsReader:
    """Reads variables, and notes those that cannot be used.

    A variable that is empty is as good as none. One that cannot be used comes to what is read without it.

    Attributes:
        problems: A sentence for each of these.

    Args:
        env: The variables.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._asked: set[str] = set()
        self.problems: list[str] = []

    def unknown(self, prefix: str) -> tuple[str, ...]:
        """The variables of a prefix that were not asked for."""
        return tuple(sorted(name for name in self._env if name.startswith(prefix) and name not in self._asked))

    def text(self, name: str) -> str | None:
        """Any text."""
        self._asked.add(name)
        return self._env.get(name) or None

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number."""
        text = self.text(name) or ""
        if text == "":
            return default
        if text.isascii() and text.isdecimal() and low <= int(text) <= high:
            return int(text)
        self.problems.append(f"{name} must be a whole number from {low} to {high}, got {text!r}")
        return default

    def first_port(self, name: str, default: int) -> int:
        """The first one of a range of ports, such as `9000-9999`."""
        text = self.text(name) or ""
        if text == "":
            return default
        first, _, last = text.partition("-")
        if PORT.fullmatch(first) and PORT.fullmatch(last) and 0 < int(first) <= int(last) <= MOST_PORT:
            return int(first)
        self.problems.append(f"{name} must be two ports such as 9000-9999, got {text!r}")
        return default

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        match (self.text(name) or "").lower():
            case "true":
                return True
            case "" | "false":
                return False
        self.problems.append(f"{name} must be true or false, got {self._env[name]!r}")
        return False

    def one_of(self, name: str, default: Choice, *others: Choice) -> Choice:
        """One of some words, by default the first one."""
        text = self.text(name) or default
        for each in (default, *others):
            if each == text:
                return each
        allowed = " or ".join(each for each in (default, *others) if each is not None)
        self.problems.append(f"{name} must be {allowed}, got {text!r}")
        return default

    def several_of(self, name: str, *allowed: str) -> set[str]:
        """Some of some words, with commas."""
        words = {word.strip() for word in (self.text(name) or "").split(",")} - {""}
        if not words <= set(allowed):
            self.problems.append(
                f"{name} must be {' or '.join(allowed)}, or both with a comma, got {self._env[name]!r}"
            )
        return words

    def matching(self, name: str, default: str, pattern: re.Pattern[str]) -> str:
        """A text of some form."""
        text = self.text(name) or default
        if pattern.fullmatch(text) is None:
            self.problems.append(f"{name} must match {pattern.pattern}, got {text!r}")
        return text

    def pairs(self, name: str, *, most: int) -> Mapping[str, str]:
        """Names and their values."""
        words = [word.strip() for word in (self.text(name) or "").split(",") if word.strip()]
        pairs = dict(word.partition("=")[::2] for word in words)
        if len(words) > most or len(pairs) < len(words) or not all(PAIR.fullmatch(word) for word in words):
            self.problems.append(f"{name} must be up to {most} of Name=value, with commas, got {self._env[name]!r}")
        return pairs
