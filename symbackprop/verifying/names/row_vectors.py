"""Documents whose vectors are rows (`q = s W`, `∂L/∂W = sᵀ ∂L/∂q`), said of columns.

A System has one list of entries for a vector, which the judge takes for a column. So a row is the transpose of it:
`q = s W` is `qᵀ = sᵀ W`, which is said as `q = Wᵀ s`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from itertools import pairwise

from symbackprop.formula.tree import (
    Add,
    Array,
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
    Pow,
    Sum,
    Transpose,
)
from symbackprop.system.model import ADJOINT

Rank = Callable[[Array], int]


def of_columns(f: Formula, vectors: Container[str]) -> Formula:
    """A formula in which every vector stands as the transpose of a column, as short as it can be said.

    Members of a chain are turned as a whole where the first one is a row.
    """
    if isinstance(f, Chain):
        members = tuple(_tidy(m, vectors) for m in f.members)
        if isinstance(members[0], Transpose) and is_row(members[0].body, vectors):
            members = tuple(turned(m) for m in members)
        return Chain(members, f.relations, span=f.span)
    return _tidy(f, vectors)


def turned(f: Formula) -> Formula:
    """The transpose, written without one as far as that goes."""
    match f:
        case Transpose(body=body):
            return body
        case MatMul(factors=factors):
            return MatMul(tuple(turned(x) for x in reversed(factors)), span=f.span)
        case Mul(factors=factors) if sum(_has_array(x) for x in factors) > 1:
            return MatMul(tuple(turned(x) for x in reversed(factors)), span=f.span)
        case Hadamard() | Add() | Mul() | Neg():
            return f.map(turned)
        case Div(num=num, den=den):
            return Div(turned(num), turned(den) if _has_array(den) else den, span=f.span)
        case Pow(base=base):
            return Pow(turned(base), f.exponent, span=f.span)
        case Call(args=args):
            return Call(f.name, tuple(turned(a) for a in args), f.primes, span=f.span)
        case Sum():
            return Sum(turned(f.body), f.index, f.lower, f.upper, span=f.span)
        case Array() | Deriv() | Grad() if _has_array(f):
            return Transpose(f, span=f.span)
        case _:
            return f


def _tidy(f: Formula, vectors: Container[str]) -> Formula:
    """Without a transpose of a transpose; derivatives by rows are rows."""
    g = f.map(lambda x: _tidy(x, vectors))
    match g:
        case Transpose(body=body) if not isinstance(body, Array):
            return turned(body)
        case Deriv(of=Transpose(body=of)) if not isinstance(g.by, Transpose):
            return Transpose(Deriv(of, g.by, g.operator, g.total, span=g.span), span=g.span)
        case Deriv(by=Transpose(body=by)) if not isinstance(g.of, Transpose):
            return Transpose(Deriv(g.of, by, g.operator, g.total, span=g.span), span=g.span)
        case Grad(by=Transpose(body=by)):
            return Transpose(Grad(g.of, by, span=g.span), span=g.span)
        case Norm(body=body) if any(isinstance(n, Transpose) for n in body.walk()):
            return Norm(turned(body), span=g.span)
        case MatMul(factors=(Transpose(body=a), Transpose(body=b))) if is_row(
            a, vectors
        ) and is_row(b, vectors):
            return MatMul((Transpose(a), b), span=g.span)  # a · b of two rows
        case Call(args=(Transpose(body=one),)) if is_row(one, vectors):
            return Transpose(Call(g.name, (one,), g.primes, span=g.span), span=g.span)
        case _:
            return g


def _has_array(f: Formula) -> bool:
    return any(isinstance(n, Array) for n in f.walk())


def of_rows(f: Formula, vectors: Container[str], whole: bool) -> Formula:
    """The other way round: as a document writes it whose vectors are rows. whole: its value is a vector."""

    def swap(n: Formula) -> Formula | None:
        if isinstance(n, Transpose) and is_row(n.body, vectors):
            return n.body
        return Transpose(n) if is_row(n, vectors) else None

    return (turned(f) if whole else f).rewrite(swap)


def is_row(f: Formula, vectors: Container[str]) -> bool:
    """Whether it is one of these vectors, a function of one, or a derivative by one."""
    if isinstance(f, Call):
        return any(is_row(a, vectors) for a in f.args)
    return (isinstance(f, Array) and f.name.removeprefix(ADJOINT) in vectors) or (
        isinstance(f, Deriv | Grad) and is_row(f.by, vectors)
    )


def stands_left(chains: Iterable[Chain], rank: Rank) -> bool:
    """Whether definitions multiply vectors from the left of matrices, and never from the right."""
    left = right = False
    for c in chains:
        if c.relations[:1] != ("=",) or isinstance(c.members[0], Deriv | Grad):
            continue
        for n in c.walk():
            if not isinstance(n, MatMul | Mul):
                continue
            ranks = [_rank(x, rank) for x in n.factors]
            for (a, b), one in zip(pairwise(ranks), n.factors, strict=False):
                left |= a == 1 and b == 2 and isinstance(one, Array)
                right |= a == 2 and b == 1
    return left and not right


def from_the_right(f: Formula) -> Formula:
    """Products with matrices the other way round: their ranks are found as those of `Wᵀ s`."""

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, MatMul | Mul) or not any(map(_is_matrix, n.factors)):
            return None
        return MatMul(
            tuple(turned(x) if _is_matrix(x) else from_the_right(x) for x in n.factors[::-1])
        )

    return f.rewrite(change)


def _is_matrix(f: Formula) -> bool:
    """As far as its letter tells."""
    inner = f.body if isinstance(f, Transpose) else f
    return isinstance(inner, Array) and inner.name[:1].isupper()


def _rank(f: Formula, rank: Rank) -> int:
    """1 for a bare vector, 2 for a bare or transposed matrix, else 0."""
    if isinstance(f, Array):
        return rank(f)
    if isinstance(f, Transpose) and isinstance(f.body, Array):
        return 2 if rank(f.body) == 2 else 0
    return 0


__all__ = ["of_columns", "stands_left", "turned"]
