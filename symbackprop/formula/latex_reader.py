r"""The LaTeX reader: `read`, `read_formula`, `read_display`, `read_alternatives`.

A display may hold several statements. A member that cannot be read becomes `Opaque` with its span
and the reason, so that the others are still read; it is never shortened or guessed. A symbol is
always a `Sym`: which quantity it means is the business of a notation or a profile.

What a bracket after a symbol means: after a function (hints) its arguments; after another symbol a
list (`J(W, b; x, y)`) or a single symbol (`L(\theta)`) is read as arguments as well: `Call("J", (W,
b, x, y))`. Hints can drop such arguments (`dropped`). Scripts of an applied symbol are part of the
Call's name: `h_{W,b}(x)` is `Call("h_{W , b}", (x,))`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from symbackprop.errors import ReadingError
from symbackprop.formula.expressions import Parser, reading_error
from symbackprop.formula.hints import Hints
from symbackprop.formula.lexer import Token, lex
from symbackprop.formula.rows import Piece, pieces
from symbackprop.formula.tree import Call, Chain, Formula, Opaque, Span

CONTINUES = Opaque("", "continues the display before")
"""First member of a chain whose display begins with a relation."""

DEFAULT = Hints()

MOST_KEPT = 4000
"""Longer displays are cut up anew each time they are read: they would fill the memory."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a display. label: printed number or tag. notes: the prose around it.

    condition: it restricts other statements ("for l = 2, …, L") and claims nothing.
    """

    chain: Chain
    span: Span
    label: str = ""
    notes: tuple[str, ...] = ()
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """All statements of a display, and the kinds of doubt that its reading had to decide."""

    statements: tuple[Statement, ...]
    ambiguous: frozenset[str] = frozenset()


def read(latex: str, hints: Hints = DEFAULT) -> tuple[Chain, ...]:
    """The statements of a display, conditions in words left out.

    Raises ReadingError if nothing can be read at all (too long, too deep, or empty).
    """
    return tuple(s.chain for s in read_display(latex, hints).statements if not s.condition)


def read_formula(latex: str, hints: Hints = DEFAULT) -> Formula:
    """One formula without relations. Raises ReadingError at what is not understood."""
    tokens = lex(latex)
    if not tokens:
        raise ReadingError("an empty formula")
    parser = Parser(tokens, hints, latex)
    found = parser.expression()
    if parser.at != len(tokens):
        parser.fail("not understood here")
    return found


def read_display(latex: str, hints: Hints = DEFAULT) -> Display:
    """The statements of a display with labels, notes and conditions. Raises like `read`."""
    doubts: set[str] = set()
    found = tuple(_statement(piece, hints, latex, doubts) for piece in _cut(latex))
    if not found:
        raise ReadingError("a display without a formula")
    return Display(found, frozenset(doubts))


def _cut(latex: str) -> tuple[Piece, ...]:
    """The tokens of each statement: the same for all hints, with which a display is read again and again."""
    return _known(latex) if len(latex) <= MOST_KEPT else _pieces(latex)


@lru_cache(maxsize=2048)
def _known(latex: str) -> tuple[Piece, ...]:
    return _pieces(latex)


def _pieces(latex: str) -> tuple[Piece, ...]:
    tokens = lex(latex)
    if not tokens:
        raise ReadingError("an empty formula")
    return tuple(pieces(tokens))


def _statement(piece: Piece, hints: Hints, source: str, doubts: set[str]) -> Statement:
    members: list[Formula] = []
    for i, tokens in enumerate(piece.members):
        if i == 0 and piece.continues:
            members.append(CONTINUES)
        else:
            members.append(_member(tokens, hints, source, doubts))
    every = [t for tokens in piece.members for t in tokens]
    span = Span(every[0].start, every[-1].end) if every else Span(0, len(source))
    chain = Chain(tuple(members), tuple(piece.relations), span=span)
    return Statement(chain, span, piece.label, tuple(piece.notes), piece.condition)


def _member(tokens: list[Token], hints: Hints, source: str, doubts: set[str]) -> Formula:
    if not tokens:
        return Opaque("", "a side of this relation is missing")
    span = Span(tokens[0].start, tokens[-1].end)
    parser = Parser(tokens, hints, source, doubts)
    try:
        found = parser.expression()
        if parser.sees(","):
            parts = [found]
            while parser.sees(","):
                parser.at += 1
                parts.append(parser.expression())
            found = Call("sequence", tuple(parts), span=span)
        if parser.at != len(tokens):
            parser.fail("not understood here")
    except ReadingError as error:
        return Opaque(source[span.start : span.end], error.message, span=span)
    return found


# --- other readings -----------------------------------------------------------------------------

_OTHER: dict[str, tuple[dict[str, object], ...]] = {
    "sum reach": ({"sum_reach": "all"},),
    "applied": ({"applied": False},),
    "kronecker": ({"kronecker": frozenset({"delta"})},),
    "slash": ({"slash": "one"},),
    "delta": ({"delta_derivative": True},),
    "dot": ({"dot": "hadamard"}, {"star": "matmul"}),
    "superscript": ({"powers": frozenset({"*"})},),
    "call": ({"variables": frozenset({"*"})},),
}


def read_alternatives(latex: str, hints: Hints = DEFAULT) -> tuple[tuple[Chain, ...], ...]:
    """All readings of a display that its writing allows, the likeliest first, without doubles."""
    display = read_display(latex, hints)
    found = [tuple(s.chain for s in display.statements if not s.condition)]
    for doubt in (d for d in _OTHER if d in display.ambiguous):
        for change in _OTHER[doubt]:
            other = read(latex, replace(hints, **change))  # type: ignore[arg-type]
            if other not in found:
                found.append(other)
    return tuple(found)


__all__ = [
    "CONTINUES",
    "Display",
    "Hints",
    "Statement",
    "read",
    "read_alternatives",
    "read_display",
    "read_formula",
    "reading_error",
]
