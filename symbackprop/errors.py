"""Every exception that a user can meet.

An error is written for the person who made the input: what was expected, where
(file, line, column, a caret under the place), and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text: `line` and `column` count from 1; `source` is the whole line."""

    file: str
    line: int
    column: int
    source: str = ""
    width: int = 1

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}"
        if not self.source:
            return head
        # A very long line is cut around the place, so that the caret stays in sight.
        start = max(0, self.column - 61)
        # As many characters as there are; those that are not seen, or turn the line round, as a blank.
        shown = "".join(c if c.isprintable() else " " for c in self.source[start : start + 120])
        caret = " " * (self.column - 1 - start) + "^" * max(1, min(self.width, 60))
        return f"{head}\n    {shown}\n    {caret}"


class SymbackpropError(Exception):
    """The base of all errors of this package: a message, a place if there is one, a hint."""

    def __init__(self, message: str, *, place: Place | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.place}\n{self.message}" if self.place else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class UnknownName(SymbackpropError):
    """A name that no registry has; the message offers the nearest ones."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, place: Place | None = None
    ) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.55)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
        super().__init__(f"unknown {kind} '{printable(name)}'", place=place, hint=hint)


class SpecError(SymbackpropError):
    """A network description that cannot be understood or is not allowed."""


class IllFormedSystem(SymbackpropError):
    """A system of equations that is not well formed (names, indices, sizes, cycles)."""


class NotationError(SymbackpropError):
    """A notation that is ambiguous, or a network outside its declared domain."""


class ReadingError(SymbackpropError):
    """A formula that the reader does not understand."""


class UnsupportedForm(SymbackpropError):
    """A system that has no such view (for example no matrix or array form)."""


class FalseStatement(SymbackpropError):
    """A statement of our own derivation that the judge did not accept: nothing is printed."""


class TooLarge(SymbackpropError):
    """Work or memory that the request would need and that no machine has; said beforehand."""


class FileError(SymbackpropError):
    """A file or folder that cannot be read or written."""


class ManyErrors(SymbackpropError):
    """Several errors of one input, reported together."""

    def __init__(self, errors: Sequence[SymbackpropError]) -> None:
        super().__init__("\n\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


def printable(text: str, limit: int = 60) -> str:
    """The text with control characters escaped, cut at `limit`: safe inside a message."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
