"""Stand-ins for what a document leaves open: linear functions, exact for first derivatives."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from symbackprop.system.model import Axis, Equation, Quantity, entry, index
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import names_in


def linear_stand_in(
    builder: Builder, name: str, by: Iterable[str], quantities: dict[str, Quantity]
) -> Equation:
    """An undefined quantity that is only differentiated: linear in what it is differentiated by.

    Exact for first derivatives, as for an unknown cost.
    """
    q = quantities[name]
    quantities[name] = Quantity(q.name, "intermediate", q.axes, None, q.facts, q.meaning)
    own = [index(f"u{k}") for k in range(len(q.axes))]
    terms = []
    for other in by:
        if other not in quantities:
            continue
        b = quantities[other]
        axes = tuple(Axis(x, a.upper, a.lower, a.kind) for x, a in zip(own, q.axes, strict=True))
        slope = Quantity(f"slope_{name}_{other}", "parameter", (*axes, *b.axes), meaning="a slope")
        quantities[slope.name] = slope
        term: sp.Expr = entry(slope.name, *own, *b.indices) * entry(other, *b.indices)
        for axis in reversed(b.axes):
            term = sp.Sum(term, (axis.index, axis.lower, axis.upper))
        terms.append(term)
    ranges = tuple((x, a.lower, a.upper) for x, a in zip(own, q.axes, strict=True))
    return Equation(name, tuple(own), sp.Add(*terms), ranges)


def abstract_cost(
    builder: Builder, found: list[Definition], quantities: dict[str, Quantity], cost: str
) -> sp.Expr:
    """An unknown cost that depends on all quantities at the end of the forward pass.

    Its first derivatives are free numbers: a linear function with free coefficients stands for
    it, which is exact for every claim that has first derivatives of the cost only.
    """
    used = {n for d in found for n in names_in(d.rhs) if n != d.target}
    ends = [n for n in dict.fromkeys(d.target for d in found) if n not in used]
    terms = []
    for n in ends:
        q = quantities[n]
        slope = Quantity(f"slope_{n}", "parameter", q.axes, meaning=f"d {cost} / d {n}")
        quantities[slope.name] = slope
        letters = q.indices
        term: sp.Expr = entry(slope.name, *letters) * entry(n, *letters)
        for axis in reversed(q.axes):
            term = sp.Sum(term, (axis.index, axis.lower, axis.upper))
        terms.append(term)
    return sp.Add(*terms)
