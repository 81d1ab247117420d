"""The softmax: its Jacobian, and the reduction to p - y with the fact that it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import apart, negative, plus, times
from symbackprop.derivation.index.equations import bracket
from symbackprop.derivation.steps import By, Prose, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Call,
    Deriv,
    Div,
    Formula,
    Idx,
    Mul,
    Neg,
    Pow,
    Ref,
    Sum,
    num,
)
from symbackprop.system.model import Equation, System

if TYPE_CHECKING:
    from symbackprop.derivation.index.teller import Teller


def is_softmax(system: System, equation: Equation) -> bool:
    """Whether the equation is p[..., j] = exp(q[..., j]) / sum over r of exp(q[..., r])."""
    top, bottom = sp.fraction(equation.rhs)
    if not (isinstance(top, sp.exp) and isinstance(bottom, sp.Sum) and len(bottom.limits) == 1):
        return False
    j = equation.indices[-1]
    r = bottom.limits[0][0]
    return bool(bottom.function == top.xreplace({j: r}))


def tell(teller: Teller, adjoint: Adjoint) -> tuple[Step | Prose, ...] | None:
    """dJ/dq for the entries q that a softmax takes; None where there is none, or another user too."""
    system = teller.system
    if len(adjoint.contributions) != 1:
        return None
    (c,) = adjoint.contributions
    if c.consumer.target == system.cost or not is_softmax(system, c.consumer):
        return None
    p = system[c.consumer.target]
    q = adjoint.quantity
    *batch, o = adjoint.indices
    letter = c.consumer.indices[-1]
    axis = p.axes[-1]
    j, i = Idx(letter.name), Idx(o.name)
    lower, upper = written(axis.lower, system), written(axis.upper, system)
    taken = {letter.name, o.name, *(str(b) for b in batch)}
    r = Idx(next(x for x in "rkmsqv" if x not in taken))

    def at(quantity: str, index: Formula) -> Ref:
        return Ref(quantity, (*(written(b, system) for b in batch), index))

    p_j, p_i, q_i = at(p.name, j), at(p.name, i), at(q.name, i)
    e_j, e_i = Call("exp", (at(q.name, j),)), Call("exp", (q_i,))
    total = Sum(Call("exp", (at(q.name, r),)), r, lower, upper)
    about = {"p": p_j, "q": q_i, "j": j, "i": i, "node": q_i, "role": q.role, "error": None}
    operand = apart(Div(e_j, total), (q_i, p_j))
    quotient = plus(
        Div(times(bracket(j, i), e_j), total), Neg(Div(times(e_j, e_i), Pow(total, num(2))))
    )
    jacobian = Mul((p_j, plus(bracket(j, i), Neg(p_i))))
    steps: list[Step | Prose] = [
        Step(
            "local derivative",
            (
                statement(
                    Deriv(p_j, q_i),
                    Deriv(operand, q_i, operator=True),
                    quotient,
                    By("definition", plus(times(bracket(j, i), p_j), negative(times(p_j, p_i)))),
                    By("collect", jacobian),
                ),
            ),
            topic="softmax jacobian",
            about=about,
            label="jacobian",
        )
    ]
    d_p = Deriv(teller.cost, p_j)
    start: list[Formula | By] = [
        teller.error(q, adjoint.indices),
        By("name", Deriv(teller.cost, q_i)),
    ]
    chain = Sum(times(d_p, Deriv(p_j, q_i)), j, lower, upper)
    target = _cross_entropy_target(teller, p.name)
    if target is None:
        inserted = Sum(times(d_p, jacobian), j, lower, upper)
        steps.append(
            Step(
                "chain rule",
                (statement(*start, chain, By("substitute", inserted)),),
                topic="softmax chain",
                about=about,
            )
        )
        return tuple(steps)
    y_j, y_i = at(target, j), at(target, i)
    slope = Neg(Div(y_j, p_j))
    inserted = Sum(times(slope, jacobian), j, lower, upper)
    cancelled = negative(Sum(times(y_j, plus(bracket(j, i), Neg(p_i))), j, lower, upper))
    sum_y = Sum(y_j, j, lower, upper)
    apart_again = plus(negative(Sum(times(y_j, bracket(j, i)), j, lower, upper)), times(p_i, sum_y))
    spread = plus(negative(y_i), times(p_i, sum_y))
    steps.append(
        Step(
            "chain rule",
            (
                statement(
                    *start,
                    chain,
                    By("substitute", inserted),
                    By("cancel", cancelled),
                    By("collect", apart_again),
                    By("bracket picks", spread),
                ),
            ),
            topic="softmax chain",
            about=about,
        )
    )
    fact = any(f.kind == "sums to 1" for f in system[target].facts)
    if fact:
        steps.append(
            Step(
                "use fact",
                (
                    statement(sum_y, ONE),
                    statement(
                        teller.error(q, adjoint.indices),
                        By("substitute", spread),
                        plus(p_i, negative(y_i)),
                    ),
                ),
                topic="softmax fact",
                about={**about, "y": y_i, "sum": sum_y},
                facts=("sums to 1",),
                label="p - y",
            )
        )
    else:
        steps.append(Prose("softmax no fact", {**about, "y": y_i, "sum": sum_y}))
    return tuple(steps)


def result(teller: Teller, adjoint: Adjoint) -> tuple[Ref, Formula] | None:
    """(q, p - y) where a softmax meets its cross-entropy and the targets sum to 1."""
    if len(adjoint.contributions) != 1:
        return None
    (c,) = adjoint.contributions
    if c.consumer.target == teller.system.cost or not is_softmax(teller.system, c.consumer):
        return None
    target = _cross_entropy_target(teller, c.consumer.target)
    if target is None or all(f.kind != "sums to 1" for f in teller.system[target].facts):
        return None
    indices = tuple(written(i, teller.system) for i in adjoint.indices)
    p, y = Ref(c.consumer.target, indices), Ref(target, indices)
    return Ref(adjoint.quantity.name, indices), plus(p, negative(y))


def _cross_entropy_target(teller: Teller, p: str) -> str | None:
    """y where J = -sum y log p (only); None for another cost."""
    adjoint = teller.adjoints.of(p)
    if len(adjoint.cases) != 1:
        return None
    expression = adjoint.cases[0][1]
    top, bottom = sp.fraction(expression)
    targets = {q.name for q in teller.system.targets}
    entries = [e for e in (-top).atoms(sp.Indexed) if e.base.label.name in targets]
    if len(entries) == 1 and -top == entries[0] and bottom == teller.system[p].at():
        return str(entries[0].base.label.name)
    return None
