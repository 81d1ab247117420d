"""The chain rule over all paths for one quantity of any system, case by case."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, Contribution, Range
from symbackprop.calculus.letters import put
from symbackprop.calculus.textbook import slope_of_equation
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import apart, plus, same, times
from symbackprop.derivation.index.teller import Teller, picked, solved
from symbackprop.derivation.steps import By, Step, statement
from symbackprop.formula.tree import Deriv, Formula, Idx, Sum

Case = tuple[tuple[Range, ...], sp.Expr]


def case_steps(teller: Teller, adjoint: Adjoint, case: Case, free: bool) -> list[Step]:
    """The chain rule for one case. `free`: no user influences another; else each use counts by itself."""
    guard, expression = case
    system = teller.system
    q = adjoint.quantity
    fixed: dict[sp.Expr, sp.Expr] = {letter: low for letter, low, high in guard if low == high}
    indices = tuple(i.xreplace(fixed) for i in adjoint.indices)
    node = teller.ref(q, indices)
    paths: list[Formula] = []
    named: list[Formula] = []
    filled: list[Formula] = []
    cut: list[Formula] = []
    direct: list[Formula] = []
    for c in adjoint.contributions:
        if not _overlaps(c, guard):
            continue
        values = {**solved(teller, adjoint, c)}
        consumer = system[c.consumer.target]
        if consumer.name == system.cost:
            contribution = teller.write(put(c.contracted, fixed))
            direct.append(contribution)
            paths.append(contribution)
            named.append(contribution)
            filled.append(contribution)
            continue
        u = tuple(i.xreplace(values).xreplace(fixed) for i in c.consumer.indices)
        target = teller.ref(consumer, u)
        cut.append(target)
        left = [r for r in c.summed if r[0] not in values]
        local = put(_final_local(teller, c, values), fixed)

        def over(body: Formula, free: list[Range] = left) -> Formula:
            for letter, low, high in free:
                body = Sum(
                    body,
                    Idx(letter.name),
                    written(low.xreplace(fixed), system),
                    written(high.xreplace(fixed), system),
                )
            return body

        link = Deriv(target, node)
        paths.append(over(times(Deriv(teller.cost, target), link)))
        named.append(over(times(teller.error(consumer, u), link)))
        filled.append(over(times(teller.error(consumer, u), teller.write(local))))
    start: list[Formula | By] = [teller.error(q, indices), By("name", Deriv(teller.cost, node))]
    final = final_form(teller, adjoint, put(expression, fixed), indices)
    about = {
        "node": node,
        "cut": tuple(cut),
        "direct": bool(direct),
        "names": named != paths,
        "single": len(adjoint.cases) == 1,
        "guard": tuple(
            (Idx(letter.name), written(low, system), written(high, system))
            for letter, low, high in guard
            if low != high
        ),
        "fixed": tuple(
            (Idx(letter.name), written(value, system)) for letter, value in fixed.items()
        ),
    }
    if not cut:
        (equation,) = system.equations_of[system.cost]
        whole = Deriv(apart(written(equation.rhs, system), (node,)), node, operator=True)
        return [
            Step(
                "local derivative",
                (statement(*start, whole, final),),
                topic="adjoint of output",
                about=about,
            )
        ]
    if any(_overlaps(c, guard) and not _covers(c, guard) for c in adjoint.contributions):
        # Some equation uses the entry in a part of the range only; the result says in which.
        return [Step("chain rule", (statement(*start, final),), topic="adjoint parts", about=about)]
    if not free:
        # d user / d v would count the detour through the other users too, so it is not written.
        members = [*start, By("copies", plus(*filled))]
        if not same(plus(*filled), final):
            members.append(By("bracket picks", final))
        return [Step("chain rule", (statement(*members),), topic="adjoint uses", about=about)]
    members = [*start, plus(*paths), By("name", plus(*named)), By("substitute", plus(*filled))]
    if not same(plus(*filled), final):
        members.append(By("bracket picks", final))
    return [Step("chain rule", (statement(*members),), topic="adjoint case", about=about)]


def final_form(
    teller: Teller, adjoint: Adjoint, expression: sp.Expr, indices: tuple[sp.Expr, ...]
) -> Formula:
    """The case's result; through an activation the slope is written by its value (1 - h^2)."""
    if len(adjoint.contributions) == 1:
        (c,) = adjoint.contributions
        slope = slope_of_equation(teller.system, c.consumer)
        letters = dict(zip(c.consumer.indices, indices, strict=False))
        if slope is not None and len(letters) == len(indices):
            error = teller.error(teller.system[c.consumer.target], indices)
            return times(error, teller.write(slope.xreplace(letters)))
    return teller.write(expression)


def _final_local(teller: Teller, c: Contribution, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    slope = slope_of_equation(teller.system, c.consumer)
    if slope is not None:
        return sp.Mul(slope, *c.local.atoms(sp.KroneckerDelta)).xreplace(dict(values))
    return picked(c.local.xreplace(dict(values)))


def _overlaps(c: Contribution, guard: tuple[Range, ...]) -> bool:
    """Whether the contribution exists on the case; cases are cut so that it does everywhere or nowhere."""
    mine = {letter: (low, high) for letter, low, high in c.guard}
    for letter, low, high in guard:
        lower, upper = mine.get(letter, (low, high))
        # Ranges are compared for large sizes: every symbolic size counts as more than any number.
        if _negative(high - lower) or _negative(upper - low):
            return False
    return True


def _covers(c: Contribution, guard: tuple[Range, ...]) -> bool:
    """Whether the contribution exists on all of the case."""
    mine = {letter: (low, high) for letter, low, high in c.guard}
    for letter, low, high in guard:
        lower, upper = mine.get(letter, (low, high))
        if _negative(low - lower) or _negative(upper - high):
            return False
    return True


def _negative(difference: sp.Expr) -> bool:
    big = {s: sp.Integer(10**6) for s in difference.free_symbols}
    value = difference.xreplace(big)
    return bool(value.is_negative)
