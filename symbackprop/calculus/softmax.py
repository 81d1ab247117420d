r"""Softmax with cross-entropy: its adjoint is p - y.

    p_o = e^{q_o} / S,  S = sum_r e^{q_r}
    dp_r/dq_o = e^{q_r} [r = o] / S - e^{q_r} e^{q_o} / S^2 = p_r ([r = o] - p_o)
    dJ/dq_o   = sum_r (-y_r / p_r) p_r ([r = o] - p_o) = ... = p_o sum_r y_r - y_o = p_o - y_o

The last step uses that the targets sum to 1; without that fact the line before it is the result.
The narrator tells the lines between (`derivation.index.softmax`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, Range
from symbackprop.calculus.differentiate import summed
from symbackprop.calculus.letters import fresh, letters, product, put
from symbackprop.system.model import Equation, System


@dataclass(frozen=True, slots=True)
class Softmax:
    """An equation p[.., o] = exp(q[.., o]) / sum(r, exp(q[.., r])), recognised.

    argument  q[.., o]; letter: o; range: that of r, with its letter
    """

    equation: Equation
    argument: sp.Indexed
    letter: sp.Symbol
    over: Range

    def at(self, letter: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """p and q with `letter` in the place of o."""
        where = {self.letter: letter}
        return put(self.equation.lhs, where), put(self.argument, where)


def as_softmax(equation: Equation) -> Softmax | None:
    """The equation as a softmax, or None."""
    exps = [f for f in sp.Mul.make_args(equation.rhs) if isinstance(f, sp.exp)]
    sums = [
        f.base
        for f in sp.Mul.make_args(equation.rhs)
        if isinstance(f, sp.Pow) and f.exp == -1 and isinstance(f.base, sp.Sum)
    ]
    if len(exps) != 1 or len(sums) != 1 or len(sp.Mul.make_args(equation.rhs)) != 2:
        return None
    argument, total = exps[0].args[0], sums[0]
    if not isinstance(argument, sp.Indexed) or len(total.limits) != 1:
        return None
    bound = total.limits[0][0]
    for letter in argument.indices:
        if isinstance(letter, sp.Symbol) and letter in equation.indices:
            same = put(total.function, {bound: letter})
            if same == exps[0] and letter not in letters(total.function):
                return Softmax(equation, argument, letter, tuple(total.limits[0]))
    return None


def softmax_reduction(system: System, softmax: Softmax, upstream: Adjoint) -> sp.Expr | None:
    """dJ/dq for a softmax whose adjoint `upstream` (dJ/dp) is -c*y/p; None for another cost.

    c (p - y) where a fact says that the targets sum to 1, else c (p sum(y) - y).
    """
    if len(upstream.cases) != 1:
        return None
    o = softmax.letter
    rename = dict(zip(upstream.indices, softmax.equation.indices, strict=True))
    raised = put(upstream.cases[0][1], rename)
    share = sp.cancel(-raised * softmax.equation.lhs)
    number, rest = share.as_coeff_Mul()
    targets = [
        f for f in sp.Mul.make_args(rest)
        if isinstance(f, sp.Indexed) and system[f.base.label.name].role == "target"
    ]  # fmt: skip
    others = product(f for f in sp.Mul.make_args(rest) if f not in targets)
    if len(targets) != 1 or o in letters(others) or o not in letters(targets[0]):
        return None
    (y,) = targets
    weight = product((number, others))
    p_o, _ = softmax.at(o)
    name = y.base.label.name
    sums = (f for f in system[name].facts if f.kind == "sums to 1")
    if any(_over_letter(system, name, f.over, y, o) for f in sums):
        return product((weight, p_o - y))
    r = fresh(sp.Symbol("r", integer=True), letters(softmax.equation.rhs) | {o} | letters(y))
    _, lower, upper = softmax.over
    whole = summed(put(y, {o: r}), ((r, lower, upper),))
    return product((weight, product((p_o, whole)) - y))


def _over_letter(system: System, name: str, over: str, y: sp.Indexed, letter: sp.Symbol) -> bool:
    """Whether the fact's letter is the axis on which `letter` stands in the entry y."""
    return any(
        axis.index.name == over and i == letter
        for axis, i in zip(system[name].axes, y.indices, strict=True)
    )
