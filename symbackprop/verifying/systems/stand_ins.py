"""Stand-ins for what a document leaves open: linear functions, exact for first derivatives."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from symbackprop.formula.tree import Ref
from symbackprop.system.model import Axis, Equation, Quantity, entry, index
from symbackprop.verifying.names.affine import affine_of
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
    targets = list(dict.fromkeys(d.target for d in found))
    ends = [n for n in targets if n not in used]
    # Of `h^{(l+1)} = h^{(l)} + F(h^{(l)})` the last layer alone is an end, though nothing else reads h.
    layered = builder.by_layer & {n for d in found for n in names_in(d.rhs) if n == d.target}
    # Where the text differentiates the cost by some of them, the others are abbreviations.
    ends = [n for n in ends if n in builder.given] or ends
    tops = [n for n in ends or targets if (not ends or n in layered) and _only_passed_on(n, found)]
    terms = []
    for n in ends or tops:
        q = quantities[n]
        axes = _last_entries(q.axes) if n in tops else q.axes
        slope = Quantity(f"slope_{n}", "parameter", axes, meaning=f"d {cost} / d {n}")
        quantities[slope.name] = slope
        letters = tuple(a.index for a in axes)
        last = (q.axes[0].upper,) if n in tops else ()
        term: sp.Expr = entry(slope.name, *letters) * entry(n, *last, *letters)
        for axis in reversed(axes):
            term = sp.Sum(term, (axis.index, axis.lower, axis.upper))
        terms.append(term)
    return sp.Add(*terms)


def _last_entries(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes after the first one, at its last index."""
    layer, last = axes[0].index, axes[0].upper
    return tuple(
        Axis(a.index, a.upper.subs(layer, last), a.lower.subs(layer, last), a.kind)
        for a in axes[1:]
    )


def _only_passed_on(name: str, found: list[Definition]) -> bool:
    """Whether a layer's entries are read by later layers only: those of the last one are the end."""
    reads = [(d, n) for d in found for n in d.rhs.walk() if isinstance(n, Ref) and n.name == name]
    for d, n in reads:
        if not d.indices or not n.indices:
            return False
        here, there = affine_of(d.indices[0]), affine_of(n.indices[0])
        if here[0] is None or here[0] != there[0] or there[1] >= here[1]:
            return False
    return bool(reads)
