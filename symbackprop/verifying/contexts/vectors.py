"""Columns of ones and powers of vectors, written out for the judge."""

from __future__ import annotations

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Neg,
    Num,
    Ones,
    Pow,
    Transpose,
)
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.systems.rename import from_sympy


def with_ones(session: Session, f: Formula, context: Context) -> Formula:
    """`1 - h^2` of a vector h: the 1 is a vector of ones (a matrix of ones beside a matrix)."""

    def rank(n: Formula) -> int:
        if isinstance(n, Array):
            q = context.system.by_name.get(n.name.removeprefix("d."))
            return len(q.axes) - len(n.indices) if q is not None else 0
        if isinstance(n, Hadamard):
            ranks = {rank(x) for x in n.factors}
            return ranks.pop() if len(ranks) == 1 else 0
        if isinstance(n, Neg):
            return rank(n.body)
        return rank(n.args[0]) if isinstance(n, Call) and len(n.args) == 1 else 0

    def ones(n: Formula) -> Formula | None:
        """Ones in the shape of the first array in `n`."""
        head = next((x for x in n.walk() if isinstance(x, Array) and rank(x)), None)
        if head is None:
            return None
        if rank(head) == 1:
            return Ones(Idx("?"))
        q = context.system.by_name[head.name.removeprefix("d.")]
        down, across = (from_sympy(a.upper, {}) for a in q.axes[-2:])
        if down is None or across is None:
            return None
        return MatMul((Ones(down), Transpose(Ones(across))))

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Add):
            return None
        kinds = [rank(t) for t in n.terms]
        fitting = all(k or t == Num("1") for k, t in zip(kinds, n.terms, strict=True))
        if any(kinds) and fitting and Num("1") in n.terms:
            filled = ones(n)
            if filled is not None:
                return Add(tuple(filled if t == Num("1") else t for t in n.terms))
        return None

    return f.rewrite(change)


def entrywise_powers(session: Session, f: Formula) -> Formula:
    """`h^2` of a vector is taken entry by entry."""

    def change(n: Formula) -> Formula | None:
        of_array = isinstance(n, Pow) and isinstance(n.base, Array)
        if of_array and isinstance(n, Pow) and n.exponent in (Num("2"), Num("3")):
            assert isinstance(n.exponent, Num)
            return Hadamard((n.base,) * int(n.exponent.text))
        return None

    return f.rewrite(change)
