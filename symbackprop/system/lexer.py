"""Tokens of the equation language, each with its offset in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symbackprop.errors import printable

MAX_LENGTH = 20_000
"""Characters of one equation."""

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|\.\.|<=|>=|[-+*/^()\[\],=<>])",
    re.ASCII,
)


class SyntaxProblem(Exception):
    """Something wrong at `start`..`end` of one equation; a caller knows file and line."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """kind: 'number', 'name', 'op' or 'end'."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + max(1, len(self.text))


def tokens(text: str) -> list[Token]:
    """All tokens, the last of kind 'end'. Raises SyntaxProblem for a character of no token."""
    if len(text) > MAX_LENGTH:
        raise SyntaxProblem(f"an equation has at most {MAX_LENGTH:,} characters", 0, 1)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SyntaxProblem(
                f"unexpected character '{printable(text[at])}'", at, at + 1, _advice(text[at])
            )
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _advice(character: str) -> str:
    return {
        "{": "indices stand in square brackets: W[i,j]",
        "\\": "this is not LaTeX: write sum(k, ...), exp(...), W[i,j]",
        "×": "a product is written with *",
        "·": "a product is written with *",
        "−": "this is a typographic minus: write -",
        "'": "a name has letters, digits and underscores",
        ";": "one equation for each text",
    }.get(character, "")
