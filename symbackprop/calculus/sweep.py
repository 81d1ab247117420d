"""The reverse sweep: a System becomes its adjoint System.

    dJ/dv[p] = sum over the equations u that use v, sum over their letters, dJ/du[...] * du/dv[p]

Naming dJ/du `d.u` keeps the result linear in the size of the system, however many paths lead from
v to J. A family (a quantity over layers or time) is one node; what is different at its ends comes
out as the guards of the contributions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Case, Contribution, Range
from symbackprop.calculus.contract import Contracted, at_most, contract
from symbackprop.calculus.differentiate import Term, derivative_terms
from symbackprop.calculus.letters import fresh, letters, mentioned, put
from symbackprop.errors import UnsupportedForm
from symbackprop.system.model import ADJOINT, Equation, Quantity, System, entry


def sweep(system: System, also: Collection[str] = ()) -> AdjointSystem:
    """All adjoints of the system, the cost's first.

    Targets and constants are given numbers and left out, unless named in `also`. A quantity that
    does not influence the cost has the adjoint 0.
    """
    _refuse_learned_slopes(system)
    uses = _uses(system)
    order = _order(system, uses)
    wanted = [q for q in order if q.role not in ("target", "constant") or q.name in also]
    return AdjointSystem(system, tuple(adjoint(system, q, uses) for q in wanted))


def _refuse_learned_slopes(system: System) -> None:
    """A function's constants are hidden inside f(z): they must not be what is differentiated by."""
    for function in system.functions:
        for name in function.constants:
            quantity = system.by_name.get(name)
            if quantity is not None and quantity.role != "constant":
                raise UnsupportedForm(
                    f"the function '{function.name}' depends on '{name}', which is no constant",
                    hint=f"write the function out in the equations, with '{name}' in them",
                )


def adjoint(
    system: System, quantity: Quantity, uses: Mapping[str, Sequence[Equation]] | None = None
) -> Adjoint:
    """The adjoint of one quantity, over the equations that use it."""
    free = ranges_of(quantity)
    if quantity.name == system.cost:
        return Adjoint(quantity, quantity.indices, (), ((free, sp.S.One),))
    consumers = (_uses(system) if uses is None else uses).get(quantity.name, ())
    contributions = tuple(
        c for consumer in consumers for c in _contributions(system, quantity, consumer, free)
    )
    return Adjoint(quantity, quantity.indices, contributions, _cases(contributions, free))


def ranges_of(quantity: Quantity) -> tuple[Range, ...]:
    """The range of each canonical letter of a quantity."""
    return tuple((axis.index, axis.lower, axis.upper) for axis in quantity.axes)


def ranges_of_equation(system: System, equation: Equation) -> tuple[Range, ...]:
    """The ranges of the free letters of the left side; taken from the axes where none is given."""
    given = {letter: (letter, lower, upper) for letter, lower, upper in equation.ranges}
    axes = system.by_name[equation.target].axes
    rename = {
        axis.index: i for axis, i in zip(axes, equation.indices, strict=True) if axis.index != i
    }
    for axis, i in zip(axes, equation.indices, strict=True):
        if isinstance(i, sp.Symbol) and i not in given and i not in system.sizes:
            given[i] = (i, put(axis.lower, rename), put(axis.upper, rename))
    return tuple(given.values())


def _uses(system: System) -> dict[str, list[Equation]]:
    found: dict[str, list[Equation]] = {}
    for equation in system.equations:
        for name in sorted(mentioned(equation.rhs)):
            if name in system.by_name:
                found.setdefault(name, []).append(equation)
    return found


def _order(system: System, uses: Mapping[str, Sequence[Equation]]) -> list[Quantity]:
    """Latest first; what no equation defines follows the first equation that uses it."""
    place: dict[str, int] = {}
    for number, equation in enumerate(system.equations):
        place[equation.target] = number

    def key(item: tuple[int, Quantity]) -> tuple[int, int, int]:
        number, quantity = item
        if quantity.name in place:
            return (-place[quantity.name], 0, number)
        consumers = uses.get(quantity.name, ())
        first = min((place[e.target] for e in consumers), default=-1)
        return (-first, 1, number)

    return [quantity for _, quantity in sorted(enumerate(system.quantities), key=key)]


def _apart(
    system: System, consumer: Equation, quantity: Quantity
) -> tuple[Equation, tuple[Range, ...]]:
    """The consumer with letters that differ from those of the quantity."""
    ranges = ranges_of_equation(system, consumer)
    own = frozenset(quantity.indices)
    sizes = {s for r in ranges for bound in r[1:] for s in letters(bound)} - {r[0] for r in ranges}
    kinds = {
        i: axis.kind
        for axis, i in zip(system.by_name[consumer.target].axes, consumer.indices, strict=True)
    }
    taken = set(own | sizes | (letters(consumer.rhs) - {r[0] for r in ranges}))
    taken |= {sp.Symbol(name) for name in system.by_name if len(name) == 1}
    where: dict[sp.Expr, sp.Expr] = {}
    for letter, _, _ in ranges:
        new = fresh(letter, taken, kinds.get(letter, "unit"))
        taken.add(new)
        if new != letter:
            where[letter] = new
    if not where:
        return consumer, ranges
    ranges = tuple((where.get(x, x), put(lo, where), put(up, where)) for x, lo, up in ranges)
    indices = tuple(put(i, where) for i in consumer.indices)
    changed = replace(consumer, indices=indices, rhs=put(consumer.rhs, where), ranges=ranges)
    return changed, ranges


def _contributions(
    system: System, quantity: Quantity, consumer: Equation, free: tuple[Range, ...]
) -> list[Contribution]:
    """The share of one equation, apart by guard (h[t-1] and h[t-2] in one equation have two)."""
    equation, ranges = _apart(system, consumer, quantity)
    taken = frozenset(r[0] for r in ranges) | letters(equation.rhs)
    terms = derivative_terms(equation.rhs, quantity.name, quantity.indices, taken)
    upstream = (
        ()
        if equation.target == system.cost
        else (entry(ADJOINT + equation.target, *equation.indices),)
    )
    groups: dict[tuple[Range, ...], list[tuple[Term, Contracted]]] = {}
    for term in terms:
        whole = replace(term.times(*upstream), binders=(*ranges, *term.binders))
        done = contract(whole, free)
        if done is not None:
            groups.setdefault(done.guard, []).append((term, done))
    found = []
    for guard, members in groups.items():
        local = sp.Add(*(term.as_expr() for term, _ in members))
        remaining = members[0][1].binders if len(members) == 1 else ()
        expr = sp.Add(*(done.expr for _, done in members))
        found.append(Contribution(equation, local, ranges, remaining, expr, guard))
    return found


def _cases(contributions: tuple[Contribution, ...], free: tuple[Range, ...]) -> tuple[Case, ...]:
    """Split the range where contributions begin and end, so that one formula holds on each part."""
    split = {
        c.guard[i][0] for c in contributions for i in range(len(free)) if c.guard[i] != free[i]
    }
    if not split:
        return ((free, sp.Add(*(c.contracted for c in contributions))),)
    letter, lower, upper = next(r for r in free if r[0] in split)
    cuts = _cut_points(contributions, letter, lower, upper) if len(split) == 1 else None
    if cuts is None:
        return ((free, sp.Add(*(_guarded(c, free) for c in contributions))),)
    cases: list[Case] = []
    for start, stop in pairwise(cuts):
        last = sp.expand(stop - 1)
        here = []
        for c in contributions:
            low, high = next((lo, up) for x, lo, up in c.guard if x == letter)
            if at_most(low, start) and at_most(last, high):
                here.append(c.contracted)
        where = {letter: start} if start == last else {}
        guard = tuple((x, start, last) if x == letter else (x, lo, up) for x, lo, up in free)
        cases.append((guard, put(sp.Add(*here), where)))
    return _merged(cases, letter)


def _cut_points(
    contributions: tuple[Contribution, ...], letter: sp.Symbol, lower: sp.Expr, upper: sp.Expr
) -> list[sp.Expr] | None:
    """Where the set of contributions changes, in order; None if the order is not certain."""
    points = [sp.expand(lower), sp.expand(upper + 1)]
    for c in contributions:
        low, high = next((lo, up) for x, lo, up in c.guard if x == letter)
        for point in (sp.expand(low), sp.expand(high + 1)):
            if point in points:
                continue
            for place, other in enumerate(points):
                if at_most(point, other):
                    if place and not at_most(points[place - 1], point):
                        return None
                    points.insert(place, point)
                    break
                if not at_most(other, point):
                    return None
    return points


def _merged(cases: list[Case], letter: sp.Symbol) -> tuple[Case, ...]:
    """Neighbours with one formula become one case."""
    merged: list[Case] = []
    for guard, expr in cases:
        if merged and merged[-1][1] == expr:
            before = merged.pop()[0]
            guard = tuple(
                (x, old[1], up) if x == letter else (x, lo, up)
                for old, (x, lo, up) in zip(before, guard, strict=True)
            )
        merged.append((guard, expr))
    return tuple(merged)


def _guarded(contribution: Contribution, free: tuple[Range, ...]) -> sp.Expr:
    """The contribution where its guard holds, else 0, as one expression."""
    conditions = []
    for (letter, low, high), (_, lower, upper) in zip(contribution.guard, free, strict=True):
        if low != lower:
            conditions.append(sp.Ge(letter, low))
        if high != upper:
            conditions.append(sp.Le(letter, high))
    if not conditions:
        return contribution.contracted
    return sp.Piecewise((contribution.contracted, sp.And(*conditions)), (0, True))
