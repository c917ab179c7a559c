import re

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|\n|[^\s{}\[\],":]+|:')

_MAX_CHARACTERS = 8 * 1024 * 1024


class JsonLines:
    """Lines of a JSON text by path; the text is scanned once, when the first line is asked for."""

    def __init__(self, text: str) -> None:
        """Keeps the text."""
        self._text = text
        self._lines: dict[tuple[str | int, ...], int] | None = None

    def __call__(self, path: tuple[str | int, ...]) -> int | None:
        """The line where a value's key stands, or that of the nearest parent that is written in the text."""
        if len(self._text) > _MAX_CHARACTERS:
            return None
        if self._lines is None:
            self._lines = self._scan()
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)

    def _scan(self) -> dict[tuple[str | int, ...], int]:
        found: dict[tuple[str | int, ...], int] = {}
        stack: list[list[str | int]] = []
        path: tuple[str | int, ...] = ()
        line = 1
        key: str | None = None
        for piece in _PIECE.findall(self._text):
            if piece == "\n":
                line += 1
                continue
            if piece in ":,":
                continue
            if piece in "}]":
                path = path[: -1 if path else None]
                stack = stack[:-1]
                continue
            in_list = bool(stack) and isinstance(stack[-1][0], int)
            if stack and not in_list and key is None:
                key = piece[1:-1]
                continue
            step: str | int | None = key
            if in_list:
                step = stack[-1][0]
                stack[-1][0] = int(step) + 1
            here = path if step is None else (*path, step)
            found[here] = line
            key = None
            if piece in "{[":
                stack.append([0 if piece == "[" else ""])
                path = here
        return found
