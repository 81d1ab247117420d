r"""Numbers that arrays are divided by: the p of dropout, `\tilde h = m \odot h / p`, the temperature of `z / \tau`.

A small letter counts as a vector beside matrices. One that nothing defines, that only ever divides, is
taken from 1 or multiplies, is a number: whoever divides by a vector writes `\oslash` or has defined it.
"""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import (
    ONE,
    Add,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Mul,
    Neg,
    Norm,
    Sym,
    Transpose,
)

LETTERS = frozenset({"p", "q", "tau", "kappa", "rho"})
"""Usual letters of probabilities and temperatures."""


def divisors(chains: Iterable[Chain]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """The letters, with no superscripts."""
    chains = list(chains)
    written = {n.base for c in chains for n in c.walk() if isinstance(n, Sym) and n == Sym(n.base)}
    found = LETTERS & written
    divide: set[str] = set()
    other: set[str] = set()
    for c in chains:
        if len(c.members) > 1:
            other |= {m.base for m in c.members if isinstance(m, Sym)}
        for n in c.walk():
            if isinstance(n, Sym) and n != Sym(n.base):
                other.add(n.base)
            elif isinstance(n, Div):
                divide |= {x for x in found if _is_from_one(n.den, x) or n.den == Sym(x)}
            elif not isinstance(n, Mul | MatMul | Neg):
                other |= {x for x in found if _is_array(n, x)}
    return frozenset((x, ()) for x in divide - other)


def _is_from_one(f: Formula, letter: str) -> bool:
    """`1 - p`."""
    return f == Add((ONE, Neg(Sym(letter))))


def _is_array(n: Formula, letter: str) -> bool:
    """Whether the letter stands where arrays stand, too."""
    own = Sym(letter)
    if isinstance(n, Add):
        return not _is_from_one(n, letter) and any(x in (own, Neg(own)) for x in n.terms)
    if isinstance(n, Hadamard):
        return any(x == own or (isinstance(x, Div) and x == Div(ONE, own)) for x in n.factors)
    if isinstance(n, Call):
        return n.name != "Bernoulli" and own in n.args
    if isinstance(n, Transpose | Norm):
        return n.body == own
    if isinstance(n, Deriv | Grad):
        return own in (n.of, n.by)
    return False


__all__ = ["divisors"]
