"""What raw equations leave unsaid: roles of computed quantities, their facts, the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.system.check_order import dependencies
from symbackprop.system.facts import facts
from symbackprop.system.model import Equation, Fact, Function, Quantity

_ACTIVATIONS = (sp.tanh, sp.sin, sp.exp)


def infer_roles(
    quantities: Sequence[Quantity], equations: Sequence[Equation], cost: str
) -> tuple[Quantity, ...]:
    """h = tanh(z) makes h an activation and z a pre-activation; all else is intermediate."""
    roles = {cost: "cost"}
    for e in equations:
        argument = _argument(e.rhs)
        if argument is not None and e.target != cost:
            roles.setdefault(e.target, "activation")
            roles.setdefault(_name(argument), "pre-activation")
    return tuple(
        q if q.role else replace(q, role=roles.get(q.name, "intermediate")) for q in quantities
    )


def infer_facts(
    quantities: Sequence[Quantity], equations: Sequence[Equation], functions: Sequence[Function]
) -> tuple[Quantity, ...]:
    """Facts of a computed quantity that hold whichever of its equations defines an entry."""
    by_name = {f.name: f for f in functions}
    known: dict[str, list[frozenset[Fact]]] = {}
    for e in equations:
        known.setdefault(e.target, []).append(_facts(e, by_name))
    found = []
    for q in quantities:
        all_of = known.get(q.name)
        shared = frozenset.intersection(*all_of) if all_of else frozenset()
        letters = {a.index.name for a in q.axes}
        shared = frozenset(f for f in shared if not f.over or f.over in letters)
        found.append(replace(q, facts=q.facts | shared) if shared else q)
    return tuple(found)


def in_computing_order(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """Each equation after those it needs, otherwise as written; unchanged if there is a cycle."""
    needs = dependencies(equations)
    done: set[int] = set()
    order: list[int] = []
    waiting = list(range(len(equations)))
    while waiting:
        later = []
        for number in waiting:
            if needs[number] <= done:
                order.append(number)
                done.add(number)
            else:
                later.append(number)
        if len(later) == len(waiting):
            return tuple(equations)
        waiting = later
    return tuple(equations[n] for n in order)


def _name(node: sp.Basic) -> str:
    return str(node.base.label.name if isinstance(node, sp.Indexed) else node.name)


def _argument(rhs: sp.Expr) -> sp.Basic | None:
    """z of f(z) or of a softmax of z; None for everything else."""
    if isinstance(rhs, AppliedUndef | sp.tanh | sp.sin | sp.exp) and len(rhs.args) == 1:
        inner = rhs.args[0]
        return inner if isinstance(inner, sp.Indexed | sp.Symbol) else None
    found = _softmax(rhs)
    return found[0] if found else None


def _softmax(rhs: sp.Expr) -> tuple[sp.Basic, sp.Symbol, sp.Expr] | None:
    """(q[t,o], r, upper) of exp(q[t,o]) / Sum(exp(q[t,r]), (r, 1, upper))."""
    top, below = rhs.as_numer_denom() if rhs.is_Mul else (rhs, sp.Integer(1))
    if not (isinstance(top, sp.exp) and isinstance(below, sp.Sum) and len(below.limits) == 1):
        return None
    inner, other = top.args[0], below.function
    if not (isinstance(inner, sp.Indexed) and isinstance(other, sp.exp)):
        return None
    r, _, upper = below.limits[0]
    q = other.args[0]
    if not (isinstance(q, sp.Indexed) and q.base == inner.base):
        return None
    differ = [a for a, b in zip(inner.indices, q.indices, strict=True) if a != b]
    if len(differ) != 1 or q.xreplace({r: differ[0]}) != inner:
        return None
    return inner, differ[0], upper


def _facts(e: Equation, functions: dict[str, Function]) -> frozenset[Fact]:
    found = _softmax(e.rhs)
    if found:
        _, letter, upper = found
        several = upper.is_Integer and upper > 1
        return facts("in (0,1)" if several else "positive") | {Fact("sums to 1", str(letter))}
    if isinstance(e.rhs, (AppliedUndef, *_ACTIVATIONS)):
        name = e.rhs.func.__name__
        if name in functions:
            return functions[name].facts
        if name == "exp":
            return facts("positive")
        if name == "tanh":
            return facts("in (-1,1)")
    return frozenset()
