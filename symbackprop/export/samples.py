"""One more axis: the samples. z[j] = ... becomes z[n, j] = ..., for n = 1..m.

Everything that depends on an input or a target gets the axis; parameters and constants do not. The
terms of the cost that depend on a sample are summed over the samples (or averaged, where the
system says so); a weight decay is counted once.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index, size


def has_samples(system: System) -> bool:
    """Whether the system has a sample axis already."""
    return any(axis.kind == "sample" for q in system.quantities for axis in q.axes)


def with_samples(system: System) -> System:
    """The same system over m samples; unchanged if it has a sample axis."""
    if has_samples(system):
        return system
    carried = carrying(system)
    letter, count = _fresh(system)
    axis = Axis(letter, count, kind="sample", space="samples")

    def put(expr: sp.Expr) -> sp.Expr:
        if isinstance(expr, sp.Indexed):
            name = str(expr.base.label)
            return entry(name, letter, *expr.indices) if name in carried else expr
        if isinstance(expr, sp.Symbol):
            own = expr.name in carried and not expr.is_integer
            return entry(expr.name, letter) if own else expr
        if isinstance(expr, sp.Sum):
            return sp.Sum(put(expr.function), *expr.limits)
        if not expr.args:
            return expr
        args = tuple(put(a) for a in expr.args)
        return expr if args == expr.args else expr.func(*args)

    def equation(e: Equation) -> Equation:
        if e.target == system.cost:
            return replace(e, rhs=over_samples(system, put(e.rhs), letter, count, carried))
        if e.target not in carried:
            return e
        ranges = ((letter, sp.Integer(1), count), *e.ranges)
        return replace(e, indices=(letter, *e.indices), rhs=put(e.rhs), ranges=ranges)

    def quantity(q: Quantity) -> Quantity:
        if q.name not in carried or q.name == system.cost:
            return q
        return replace(q, axes=(axis, *q.axes))

    mean = system.about.over_samples == "mean"
    return replace(
        system,
        quantities=tuple(quantity(q) for q in system.quantities),
        equations=tuple(equation(e) for e in system.equations),
        sizes=(*system.sizes, count),
        about=replace(system.about, over_samples="mean" if mean else "sum"),
        values={k: v for k, v in system.values.items() if k not in carried},
    )


def carrying(system: System) -> set[str]:
    """The names of all quantities that depend on a sample (the cost among them)."""
    found = {q.name for q in system.quantities if q.role in ("input", "target")}
    grown = True
    while grown:
        grown = False
        for e in system.equations:
            if e.target not in found and names_in(e.rhs) & found:
                found.add(e.target)
                grown = True
    return found


def names_in(expr: sp.Expr) -> set[str]:
    """The names of the quantities that occur in an expression."""
    found = {str(a.base.label) for a in expr.atoms(sp.Indexed)}
    return found | {a.name for a in expr.atoms(sp.Symbol) if not a.is_integer}


def over_samples(
    system: System, total: sp.Expr, letter: sp.Symbol, count: sp.Symbol, carried: set[str]
) -> sp.Expr:
    """The cost of all samples: terms of one sample summed, the others left as they are."""
    terms = sp.Add.make_args(total)
    if len(terms) == 1 and total.is_Mul:
        terms = sp.Add.make_args(sp.expand_mul(total, deep=False))
    own = [t for t in terms if names_in(t) & carried]
    once = [t for t in terms if not names_in(t) & carried]
    each = sp.Add(*own)
    sign, body = each.as_coeff_Mul()
    limits = ((letter, sp.Integer(1), count),)
    if isinstance(body, sp.Sum):
        body, limits = body.function, (*body.limits, *limits)
    share = sp.Integer(1) / count if system.about.over_samples == "mean" else sp.Integer(1)
    return sp.Mul(sign, share, sp.Sum(body, *limits)) + sp.Add(*once)


def _fresh(system: System) -> tuple[sp.Symbol, sp.Symbol]:
    taken = set(system.by_name) | {s.name for s in system.sizes}
    for e in system.equations:
        taken |= {a.name for part in (e.rhs, *e.indices) for a in part.atoms(sp.Symbol)}
        taken |= {r[0].name for e in system.equations for r in e.ranges}
    taken |= {a.index.name for q in system.quantities for a in q.axes}
    letters = [x for x in ("n", "s", "e", "u") if x not in taken] + ["n_sample"]
    counts = [x for x in ("m", "M") if x not in taken] + ["m_samples"]
    return index(letters[0]), size(counts[0])
