"""Columns of ones: how many entries they have."""

from __future__ import annotations

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Ones,
    Ref,
    Transpose,
)
from symbackprop.verifying.contexts.session import Context
from symbackprop.verifying.systems.rename import from_sympy


def sized(f: Formula, context: Context) -> Formula:
    """A column of ones gets as many entries as what it is multiplied with, or as the equation is about."""
    if not any(isinstance(n, Ones) for n in f.walk()):
        return f

    def axis(n: Formula, last: bool) -> Formula | None:
        """The size of the last (or else the first) open axis of a factor."""
        if isinstance(n, Transpose):
            return axis(n.body, not last)
        if isinstance(n, Add | Hadamard | Neg | Call):
            return next((a for c in n.children() if (a := axis(c, last)) is not None), None)
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and not n.of.indices:
            return axis(n.by, last)
        if not isinstance(n, Array):
            return None
        q = context.system.by_name.get(n.name.removeprefix("d."))
        if q is None or len(q.axes) <= len(n.indices):
            return None
        one = q.axes[-1 if last else len(n.indices)]
        swap = {a.index.name: i for a, i in zip(q.axes, n.indices, strict=False)}
        size = from_sympy(one.upper, swap)
        if isinstance(size, Ref):  # the width of a layer
            return Ref(size.name.removeprefix("size:"), size.indices)
        return size

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Mul | MatMul) or not any(_is_ones(x) for x in n.factors):
            return None
        factors = list(n.factors)
        for k, x in enumerate(factors):
            beside = None
            if isinstance(x, Ones) and k:
                beside = axis(factors[k - 1], True)
            elif isinstance(x, Transpose) and _is_ones(x) and k + 1 < len(factors):
                beside = axis(factors[k + 1], False)
            if beside is not None:
                ones = Ones(beside)
                factors[k] = ones if isinstance(x, Ones) else Transpose(ones)
        return type(n)(tuple(factors), span=n.span)

    f = f.rewrite(change)
    head = next((n for n in f.walk() if isinstance(n, Array)), None)
    upper = axis(head, True) if head is not None else None
    if upper is None:
        return f
    unknown = Ones(Idx("?"))
    return f.rewrite(lambda n: Ones(upper) if n == unknown else None)


def _is_ones(f: Formula) -> bool:
    return isinstance(f, Ones) or (isinstance(f, Transpose) and isinstance(f.body, Ones))
