"""Columns of ones and powers of vectors, written out for the judge."""

from __future__ import annotations

from symbackprop.formula.tree import Add, Array, Call, Formula, Hadamard, Idx, Neg, Num, Ones, Pow
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.systems.rename import from_sympy


def sized(session: Session, f: Formula, context: Context) -> Formula:
    """A column of ones gets as many entries as the array that the equation is about."""
    if not any(isinstance(n, Ones) for n in f.walk()):
        return f
    head = next((n for n in f.walk() if isinstance(n, Array)), None)
    q = context.system.by_name.get(head.name.removeprefix("d.")) if head is not None else None
    if q is None or not q.axes:
        return f
    upper = from_sympy(q.axes[-1].upper, {})
    if upper is None:
        return f
    return f.rewrite(lambda n: Ones(upper) if isinstance(n, Ones) else None)


def with_ones(session: Session, f: Formula, context: Context) -> Formula:
    """`1 - h^2` of a vector h: the 1 is a vector of ones."""

    def vector(n: Formula) -> bool:
        if isinstance(n, Array):
            q = context.system.by_name.get(n.name.removeprefix("d."))
            return q is not None and len(q.axes) - len(n.indices) == 1
        if isinstance(n, Hadamard):
            return all(vector(x) for x in n.factors)
        if isinstance(n, Neg):
            return vector(n.body)
        return isinstance(n, Call) and len(n.args) == 1 and vector(n.args[0])

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Add):
            return None
        kinds = [vector(t) for t in n.terms]
        fitting = all(k or t == Num("1") for k, t in zip(kinds, n.terms, strict=True))
        if any(kinds) and fitting:
            return Add(tuple(Ones(Idx("?")) if t == Num("1") else t for t in n.terms))
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
