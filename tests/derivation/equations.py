"""The equations of a System, from SymPy to the normal form."""

from __future__ import annotations

from typing import Any

import sympy as sp

from .normal_form import (
    ONE,
    N,
    bracket,
    linear,
    power,
    product,
    relation,
    split,
    total,
)


def translated(
    e: Any, names: dict[str, N] | None = None, depth: int = 0, unroll: bool = False
) -> N:
    """A SymPy expression of a system as a normal form; with `unroll`, sums over numbers are written out."""
    names = names or {}

    def sub(x: Any) -> N:
        return translated(x, names, depth, unroll)

    if isinstance(e, sp.Rational):
        return product(1 if e >= 0 else -1, (("num", abs(e.p)),), (("num", e.q),))
    if isinstance(e, sp.Indexed):
        return ("ref", str(e.base.label), *(_index_of(i, names) for i in e.indices))
    if isinstance(e, sp.Symbol):
        if e.name in names:
            return names[e.name]
        return linear({e.name: 1}, 0) if e.is_integer else ("ref", e.name)
    if isinstance(e, sp.Add):
        return total([sub(x) for x in e.args])
    if isinstance(e, sp.Mul):
        return product(1, tuple(sub(x) for x in e.args))
    if isinstance(e, sp.exp):
        return ("call", "exp", 0, (sub(e.args[0]),))
    if isinstance(e, sp.Pow) and abs(e.exp) == sp.Rational(1, 2):
        root = ("call", "sqrt", 0, (sub(e.base),))
        return root if e.exp > 0 else product(1, (), (root,))
    if isinstance(e, sp.Pow):
        return power(sub(e.base), sub(e.exp))
    if isinstance(e, sp.Sum):
        variable, low, high = e.limits[-1]
        body = e.func(e.function, *e.limits[:-1]) if len(e.limits) > 1 else e.function
        if unroll and (low.is_Integer and high.is_Integer):
            each = [{**names, variable.name: linear({}, i)} for i in range(int(low), int(high) + 1)]
            return total([translated(body, x, depth, unroll) for x in each])
        inner = {**names, variable.name: linear({f"#{depth}": 1}, 0)}
        return ("sum", f"#{depth}", translated(body, inner, depth + 1, unroll))
    if e is sp.pi:
        return ("ref", "@pi")
    if isinstance(e, sp.Piecewise):
        return ("cases", *(("row", sub(v), _condition(c, sub)) for v, c in e.args))
    if isinstance(e, sp.KroneckerDelta):
        return bracket(_index_of(e.args[0], names), _index_of(e.args[1], names))
    return (
        ("call", type(e).__name__.lower().replace("log", "log"), 0, tuple(sub(x) for x in e.args))
        if not isinstance(e, sp.core.function.AppliedUndef)
        else ("call", e.func.__name__, 0, tuple(sub(x) for x in e.args))
    )


def _condition(c: Any, sub: Any) -> N:
    if c == sp.true:
        return ("else",)
    return relation(c.rel_op, sub(c.lhs), sub(c.rhs))


def _index_of(e: Any, names: dict[str, N]) -> N:
    n = translated(e, names)
    if n[0] == "num":
        return linear({}, n[1])
    if n[0] == "add" or (n[0] == "mul" and n[1] == -1):
        parts: dict[str, int] = {}
        constant = 0
        for x in n[1] if n[0] == "add" else (n,):
            s, nums, _ = split(x)
            (y,) = nums or (ONE,)
            if y[0] == "num":
                constant += s * y[1]
            elif y[0] == "lin":
                for k, v in y[1]:
                    parts[k] = parts.get(k, 0) + s * v
                constant += s * y[2]
        return linear(parts, constant)
    return n
