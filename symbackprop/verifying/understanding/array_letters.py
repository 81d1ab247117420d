r"""Usual letters of sizes that are arrays in a document: the values `V = X W_V`, the states `H`.

A size is never transposed, and nothing is differentiated by it. In the scripts of other names such
a letter then is part of a name: `W_V` makes V, it does not run up to V.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    MatMul,
    Mul,
    Neg,
    Norm,
    Prod,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS, SIZE_LETTERS

_TARGETS = frozenset("tTdD")
"""Letters of targets that are else those of times and sizes."""


def array_letters(chains: Iterable[Chain]) -> frozenset[str]:
    r"""Letters of sizes that are transposed, differentiated by or said to be `\in \mathbb{R}^{…}`.

    None that a sum runs up to, and no cost unless its shape is said. The targets of `\|O - T\|^2`,
    too, where no script holds the letter.
    """
    found: set[str] = set()
    said: set[str] = set()
    ends: set[str] = set()
    compared: set[str] = set()
    scripts: set[str] = set()
    for c in chains:
        if c.relations == ("in",) and isinstance(c.members[1], Sym) and c.members[1].sup:
            said |= _bare(c.members[0])
        if c.relations == ("=",) and isinstance(c.members[1], Call) and c.members[1].name == "diag":
            said |= _bare(c.members[0])
        if c.relations == ("=",) and any(
            isinstance(n, Mul | MatMul)
            and len(n.factors) > 1
            and all(isinstance(x, Sym) for x in n.factors)
            and any(isinstance(x, Sym) and x.base[:1].isupper() and x.sub for x in n.factors)
            for n in _terms(c.members[1])
        ):
            said |= _bare(c.members[0])  # `V = X W_V`
        for n in c.walk():
            if isinstance(n, Transpose):
                found |= _bare(n.body)
            elif isinstance(n, Norm) and isinstance(n.body, Add):
                compared |= {b for term in n.body.terms for b in _bare(_positive(term))}
            elif isinstance(n, Sym):
                scripts |= {*n.sub, *n.sup}
            elif isinstance(n, Deriv | Grad):
                found |= _bare(n.by)
            elif isinstance(n, Sum | Prod) and n.upper is not None:
                ends |= {x.base for x in n.upper.walk() if isinstance(x, Sym)}
    targets = compared & _TARGETS - scripts
    return frozenset((found - COSTS | said) & SIZE_LETTERS | targets) - ends


def maps_of(chains: Iterable[Chain]) -> frozenset[tuple[str, str]]:
    """V and t of `V h_t`: a matrix that maps what has the index t is not made of rows `v_t`."""
    found: set[tuple[str, str]] = set()
    for c in chains:
        for n in c.walk():
            if not isinstance(n, Mul | MatMul):
                continue
            for a, b in pairwise(n.factors):
                left = a.body if isinstance(a, Transpose) else a
                if not isinstance(left, Sym) or not isinstance(b, Sym):
                    continue
                if left.base.isupper() and not left.sub and len(b.sub) == 1:
                    found.add((left.base, b.sub[0]))
    return frozenset(found)


def _terms(f: Formula) -> tuple[Formula, ...]:
    return f.terms if isinstance(f, Add) else (f,)


def _positive(f: Formula) -> Formula:
    return f.body if isinstance(f, Neg) else f


def is_bare(s: Sym, letters: frozenset[str]) -> bool:
    """Whether a symbol is one of these letters alone."""
    return s.base in letters and not s.sub and not s.sup and not s.accent


def _bare(f: Formula) -> set[str]:
    return {f.base} if isinstance(f, Sym) and is_bare(f, frozenset({f.base})) else set()
