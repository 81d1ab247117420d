"""One sample of a system with many, and the cost of each sample as a quantity of its own.

A document derives the gradient for one sample first; the batch then only sums. Both are systems, so
both sets of statements are judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.notation.slots import COST_PART, SAMPLE_COST
from symbackprop.system.model import Axis, Equation, Quantity, System, entry


def parted(system: System) -> System | None:
    """The same network with the cost of each output as a quantity; None where J is no such sum."""
    (cost,) = system.equations_of[system.cost]
    factors = sp.Mul.make_args(cost.rhs)
    sums = [f for f in factors if isinstance(f, sp.Sum)]
    if len(sums) != 1 or len(sums[0].limits) != 1 or len(sums[0].limits[0]) != 3:
        return None
    (limit,) = sums[0].limits
    j, lower, upper = limit
    if not upper.is_Integer or int(upper) < 2:
        return None
    body = sp.Mul(*(f for f in factors if f is not sums[0]), sums[0].function)
    (target,) = system.targets
    axis = Axis(j, upper, lower, space=target.axes[-1].space)
    part = Quantity(COST_PART, "intermediate", (axis,), meaning="cost of one output")
    others = tuple(q for q in system.quantities if q.name != system.cost)
    equations = tuple(e for e in system.equations if e.target != system.cost)
    return replace(
        system,
        quantities=(*others, part, system[system.cost]),
        equations=(
            *equations,
            Equation(COST_PART, (j,), body, (limit,)),
            Equation(system.cost, (), sp.Sum(part.at(j), limit)),
        ),
    )


@dataclass(frozen=True)
class Batch:
    """A system with samples, split: J = factor * sum over n of sample_cost[n] + rest.

    one: the same network for a single sample, without decay. many: the batch with the quantity
    `sample_cost` (the one-sample cost at sample n). decay: the rest of J (0 if there is none).
    """

    one: System
    many: System
    sample_cost: str
    letter: sp.Symbol
    count: sp.Expr
    factor: sp.Expr
    decay: sp.Expr


def sample_axis(system: System) -> Axis | None:
    """The sample axis of the system, None for a single sample."""
    for q in system.quantities:
        for axis in q.axes:
            if axis.kind == "sample":
                return axis
    return None


def split(system: System) -> Batch | None:
    """The batch of a system; None where it has a single sample and no term beside the data term.

    A system with a single sample but weight decay gives a batch of one (letter and count are then
    those of a sample axis that does not exist, factor 1).
    """
    axis = sample_axis(system)
    (cost,) = system.equations_of[system.cost]
    if axis is None:
        return None
    data: list[sp.Expr] = []
    rest: list[sp.Expr] = []
    for term in sp.Add.make_args(cost.rhs):
        (data if _sums_over(term, axis.index) else rest).append(term)
    if len(data) != 1:
        return None
    factor, body = _body(data[0], axis.index)
    return Batch(
        one=_one(system, axis, body),
        many=_many(system, axis, factor, body, rest),
        sample_cost=SAMPLE_COST,
        letter=axis.index,
        count=axis.upper,
        factor=factor,
        decay=sp.Add(*rest),
    )


def _sums_over(term: sp.Expr, letter: sp.Symbol) -> bool:
    return any(letter in s.variables for s in term.atoms(sp.Sum))


def _body(term: sp.Expr, letter: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """c * Sum(b, (j, ..), (n, ..)) is (c, Sum(b, (j, ..)))."""
    factors = sp.Mul.make_args(term)
    outside = [f for f in factors if not f.has(sp.Sum)]
    (whole,) = [f for f in factors if f.has(sp.Sum)]
    assert isinstance(whole, sp.Sum)
    limits = [limit for limit in whole.limits if limit[0] != letter]
    inner = sp.Sum(whole.function, *limits) if limits else whole.function
    return sp.Mul(*outside), inner


def _strip(expr: sp.Expr, axis: Axis) -> sp.Expr:
    """Every entry without its sample index."""
    letter = axis.index
    return expr.xreplace(
        {
            e: entry(e.base.label.name, *(i for i in e.indices if i != letter))
            for e in expr.atoms(sp.Indexed)
            if letter in e.indices
        }
    )


def _one(system: System, axis: Axis, body: sp.Expr) -> System:
    letter = axis.index
    quantities = tuple(
        replace(q, axes=tuple(a for a in q.axes if a.kind != "sample"))
        for q in system.quantities
        if not (q.role == "constant" and q.name == system.about.decay)
    )
    equations = tuple(
        Equation(
            e.target,
            tuple(i for i in e.indices if i != letter),
            _strip(body if e.target == system.cost else e.rhs, axis),
            tuple(r for r in e.ranges if r[0] != letter),
            e.label,
        )
        for e in system.equations
    )
    values = {k: v for k, v in system.values.items() if k != system.about.decay}
    return replace(
        system,
        quantities=quantities,
        equations=equations,
        sizes=tuple(s for s in system.sizes if s != axis.upper),
        values=values,
        about=replace(system.about, over_samples=system.about.over_samples, decay=""),
    )


def _many(
    system: System, axis: Axis, factor: sp.Expr, body: sp.Expr, rest: list[sp.Expr]
) -> System:
    n = axis.index
    sample = Quantity(SAMPLE_COST, "intermediate", (axis,), meaning="cost of one sample")
    total = factor * sp.Sum(sample.at(n), (n, axis.lower, axis.upper)) + sp.Add(*rest)
    equations = [e for e in system.equations if e.target != system.cost]
    equations.append(Equation(SAMPLE_COST, (n,), body, ((n, axis.lower, axis.upper),)))
    equations.append(Equation(system.cost, (), total))
    quantities = (
        *(q for q in system.quantities if q.name != system.cost),
        sample,
        system[system.cost],
    )
    return replace(system, quantities=quantities, equations=tuple(equations))


def without_decay(system: System) -> System | None:
    """The network whose cost is the data term alone; None where there is no decay to leave out.

    For one sample; a batch is split by `split`.
    """
    decay = system.about.decay
    if not decay or sample_axis(system) is not None:
        return None
    (cost,) = system.equations_of[system.cost]
    terms = sp.Add.make_args(cost.rhs)
    data = sp.Add(*(x for x in terms if all(s.name != decay for s in x.free_symbols)))
    return replace(
        system,
        quantities=tuple(q for q in system.quantities if q.name != decay),
        equations=tuple(
            replace(e, rhs=data) if e.target == system.cost else e for e in system.equations
        ),
        values={k: v for k, v in system.values.items() if k != decay},
        about=replace(system.about, decay=""),
    )
