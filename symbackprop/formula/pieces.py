"""Pieces of written LaTeX and how tightly they hold together: the base of the writer."""

from __future__ import annotations

from typing import NamedTuple

from symbackprop.formula.style import Style
from symbackprop.formula.tree import (
    Array,
    Formula,
    Idx,
    Ref,
    Sym,
)

SUM, NEGATIVE, PRODUCT, FACTOR, ATOM = range(5)
"""How tightly a written piece holds together."""


class Written(NamedTuple):
    """LaTeX text. greedy: it would swallow a factor that follows. tall: brackets around it grow."""

    text: str
    level: int = ATOM
    tall: bool = False
    greedy: bool = False


class Pieces:
    """What every part of the writer needs: a formula as a factor, in brackets, in a script."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.small = 0  # inside scripts and matrix cells fractions lie down

    def bracketed(self, inner: Written) -> Written:
        """The piece in round brackets, growing ones if it is tall."""
        if inner.tall:
            return Written(rf"\left( {inner.text} \right)", ATOM, True)
        return Written(f"({inner.text})", ATOM, True)

    def factor(self, f: Formula, last: bool = True) -> Written:
        """The formula as one factor."""
        inner = self.form(f)
        if inner.level < FACTOR or (inner.greedy and not last):
            return self.bracketed(inner)
        return inner

    def script(self, f: Formula) -> str:
        """The formula inside a script, in braces unless it is one character."""
        self.small += 1
        inner = self.form(f).text
        self.small -= 1
        return inner if len(inner) == 1 and inner.isalnum() else f"{{{inner}}}"

    def meaning(self, f: Formula) -> Formula:
        """The Formula that is printed for a named thing (a Sym for most)."""
        if isinstance(f, Ref | Array | Idx):
            found = self.style.symbol(f)
            return Sym(found, sub=("?",)) if isinstance(found, str) else found
        return f

    def form(self, f: Formula) -> Written:
        """The formula as a piece; the writer proper knows all kinds of node."""
        raise NotImplementedError
