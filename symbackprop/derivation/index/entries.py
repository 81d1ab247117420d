"""Entries named by a number: where an equation reads w[1], the derivative by w[i] is told entry by entry.

The sweep finds one case for i = 1 and one for the rest of the range. A statement about w[i] speaks of the
whole range, so the parts of it are told as w[1], w[2], ....
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Case, Contribution, Range
from symbackprop.calculus.letters import put
from symbackprop.errors import UnsupportedForm

MOST = 8
"""Parts of so many entries at most are told one by one."""


def by_entries(adjoints: AdjointSystem) -> AdjointSystem:
    """The same adjoints, no case on a part of a unit axis but one entry.

    Raises UnsupportedForm where a part has too many entries, or as many as a symbol says.
    """
    cost = adjoints.system.cost
    changed = tuple(
        replace(a, cases=_cases(a), contributions=_together(a, cost)) for a in adjoints.adjoints
    )
    return AdjointSystem(adjoints.system, changed)


def _together(adjoint: Adjoint, cost: str) -> tuple[Contribution, ...]:
    """One contribution for an equation that reads several numbered entries: its local derivative
    by w[i] is the sum over them, each with its bracket."""
    whole = {axis.index: (axis.index, axis.lower, axis.upper) for axis in adjoint.quantity.axes}
    units = {axis.index for axis in adjoint.quantity.axes if axis.kind == "unit"}
    groups: dict[tuple[object, ...], list[Contribution]] = {}
    for number, c in enumerate(adjoint.contributions):
        alone = (number,) if c.consumer.target == cost else ()
        course = tuple(r for r in c.guard if r[0] not in units)
        groups.setdefault((c.consumer, course, *alone), []).append(c)
    found = []
    for group in groups.values():
        one = group[0]
        if len(group) > 1:
            one = replace(
                one,
                local=sp.Add(*(c.local for c in group)),
                contracted=sp.Add(*(c.contracted for c in group)),
                guard=tuple(whole[r[0]] if r[0] in units else r for r in one.guard),
            )
        found.append(one)
    return tuple(found)


def _cases(adjoint: Adjoint) -> tuple[Case, ...]:
    cases = list(adjoint.cases)
    if len(cases) == 1:
        return adjoint.cases
    for axis in adjoint.quantity.axes:
        if axis.kind == "unit":
            whole = (axis.index, axis.lower, axis.upper)
            cases = [part for case in cases for part in _parts(adjoint, case, whole)]
    return tuple(cases)


def _parts(adjoint: Adjoint, case: Case, whole: Range) -> list[Case]:
    guard, expression = case
    letter = whole[0]
    own = next(r for r in guard if r[0] == letter)
    low, high = own[1:]
    if own == whole or low == high:
        return [case]
    if not (low.is_Integer and high.is_Integer and high - low < MOST):
        raise UnsupportedForm(
            f"an entry of '{adjoint.quantity.name}' is named by a number, and there are too many "
            "others to tell one by one",
            hint=f"give the axis {letter} a small number, or a quantity of its own to that entry",
        )
    parts: list[Case] = []
    for number in range(int(low), int(high) + 1):
        value = sp.Integer(number)
        at = tuple((x, value, value) if x == letter else (x, lo, up) for x, lo, up in guard)
        parts.append((at, put(expression, {letter: value})))
    return parts
