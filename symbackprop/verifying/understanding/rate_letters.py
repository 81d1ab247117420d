r"""Letters of learning rates that look like vectors: the s of `β ← β - s X^T (y - π)`.

A rate stands in learning steps only, before all else in its product. What letters of errors and of
gradients stand for is not guessed (`W ← W - δ x^T`): the prose must call them a rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import (
    Add,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    MatMul,
    Mul,
    Neg,
    Num,
    Sym,
    Transpose,
)
from symbackprop.verifying.understanding.array_letters import is_bare

FREE = frozenset("cks") | {"nu", "tau", "kappa", "zeta", "xi"}
"""Letters that are no usual ones of arrays in a learning step."""

_RATE = r"(?:step[- ]?(?:size|length|width)|(?:learning )?rate|stepsize)s?"
_RIGHT_BEFORE = re.compile(rf"\b{_RATE}\s*$", re.IGNORECASE)
_IN_PROSE = re.compile(rf"\b{_RATE}\s+([A-Za-z])\b(?!')", re.IGNORECASE)


def rate_letters(chains: Iterable[Chain], pieces: Sequence[Piece]) -> frozenset[str]:
    """Letters that only stand before all else in products of learning steps."""
    leading: set[str] = set()
    other: set[str] = set()
    for c in chains:
        names = {n.base for n in c.walk() if isinstance(n, Sym)}
        if c.relations[:1] not in (("<-",), (":=",)):
            given = len(c.members) == 2 and isinstance(c.members[1], Num)
            other |= set() if given or len(c.members) < 2 else names
            continue
        own = [s.base for m in c.members[1:] for s in _leading(m)]
        every = [n.base for n in c.walk() if isinstance(n, Sym)]
        leading |= set(own)
        other |= {b for b in every if every.count(b) > own.count(b)}
        other |= {
            x.base for n in c.walk() if isinstance(n, Deriv | Grad | Transpose)
            for x in n.walk() if isinstance(x, Sym)
        }  # fmt: skip
    return frozenset(b for b in leading - other if b in FREE or b in _said(pieces))


def _leading(f: Formula) -> Iterator[Sym]:
    """The first factor of each product in a sum, if it is a letter alone."""
    match f:
        case Add(terms=terms):
            for term in terms:
                yield from _leading(term)
        case Neg(body=body) | Div(num=body):
            yield from _leading(body)
        case Mul(factors=factors) | MatMul(factors=factors):
            written = sorted(factors, key=lambda x: x.span.start if x.span else 0)
            first = next((x for x in written if not isinstance(x, Num)), None)
            if isinstance(first, Sym) and is_bare(first, frozenset({first.base})):
                yield first
            elif isinstance(first, Div | Neg | MatMul | Mul):
                yield from _leading(first)
        case _:
            return


def _said(pieces: Sequence[Piece]) -> set[str]:
    """Letters that the prose calls a step size or a learning rate."""
    found: set[str] = set()
    for piece in pieces:
        found |= set(_IN_PROSE.findall(piece.before))
        if not piece.display and _RIGHT_BEFORE.search(piece.before):
            letter = re.match(r"\\?([A-Za-z]+)", piece.latex.strip())
            found |= {letter[1]} if letter else set()
    return found


__all__ = ["rate_letters"]
