r"""Softmax with cross-entropy: from the Jacobian to p - y, one line at a time.

    p_o = e^{q_o} / S,  S = sum_r e^{q_r}
    dp_r/dq_o = e^{q_r} [r = o] / S - e^{q_r} e^{q_o} / S^2 = p_r ([r = o] - p_o)
    dJ/dq_o   = sum_r (-y_r / p_r) p_r ([r = o] - p_o) = ... = p_o sum_r y_r - y_o = p_o - y_o

The last step uses that the targets sum to 1; without that fact the line before it is the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, Range
from symbackprop.calculus.differentiate import summed
from symbackprop.calculus.letters import fresh, letters, product, put
from symbackprop.calculus.written import Writer
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import ADJOINT, Equation, System, entry


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


@dataclass(frozen=True, slots=True)
class SoftmaxReduction:
    """jacobian: dp_r/dq_o, each member equal to the next; chain: dJ/dq_o, (rule, member) in order.

    `general` holds for any targets; `result` uses the fact 'sums to 1' and is None without it.
    """

    softmax: Softmax
    by: sp.Expr
    of: sp.Expr
    jacobian: tuple[tuple[str, Formula], ...]
    chain: tuple[tuple[str, Formula], ...]
    general: sp.Expr
    result: sp.Expr | None
    target: str


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


def softmax_reduction(
    system: System, softmax: Softmax, upstream: Adjoint
) -> SoftmaxReduction | None:
    """dJ/dq for a softmax whose adjoint `upstream` (dJ/dp) is -c*y/p; None for another cost."""
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
    return _lines(system, softmax, targets[0], product((number, others)))


def _lines(system: System, softmax: Softmax, y: sp.Indexed, weight: sp.Expr) -> SoftmaxReduction:
    write = Writer(system)
    o = softmax.letter
    r = fresh(sp.Symbol("r", integer=True), letters(softmax.equation.rhs) | {o} | letters(y))
    _, lower, upper = softmax.over
    over = (r, lower, upper)
    p_o, q_o = softmax.at(o)
    p_r, q_r = softmax.at(r)
    y_r = put(y, {o: r})
    name = y.base.label.name

    def total(body: Formula) -> Formula:
        return t.Sum(body, t.Idx(r.name), write(lower), write(upper))

    def scaled(*factors: Formula) -> Formula:
        return t.mul(*(() if weight == 1 else (write(weight),)), *factors)

    bracket = t.Bracket(t.Chain((t.Idx(r.name), t.Idx(o.name)), ("=",)))
    e_r, e_o = (t.Call("exp", (write(q),)) for q in (q_r, q_o))
    # The inner sum of S needs a letter of its own.
    s = fresh(sp.Symbol("s", integer=True), letters(q_r) | letters(q_o) | {r, o})
    size = t.Sum(
        t.Call("exp", (write(softmax.at(s)[1]),)), t.Idx(s.name), write(lower), write(upper)
    )
    jacobian = (
        (
            "local derivative",
            t.sub(t.Div(t.mul(e_r, bracket), size), t.Div(t.mul(e_r, e_o), t.Pow(size, t.num(2)))),
        ),
        ("substitute", t.sub(t.mul(write(p_r), bracket), t.mul(write(p_r), write(p_o)))),
        ("collect", t.mul(write(p_r), t.sub(bracket, write(p_o)))),
    )
    error = entry(ADJOINT + softmax.equation.target, *softmax.equation.indices)
    up = write(put(error, {o: r}))
    inner = t.sub(bracket, write(p_o))
    ratio = t.Neg(scaled(t.Div(write(y_r), write(p_r))))
    general = product((weight, product((p_o, summed(y_r, (over,)))) - y))
    chain = [
        ("chain rule", total(t.mul(up, t.Deriv(write(p_r), write(q_o))))),
        ("substitute", total(t.mul(ratio, write(p_r), inner))),
        ("cancel", t.Neg(scaled(total(t.mul(write(y_r), inner))))),
        (
            "bracket picks",
            scaled(t.sub(t.mul(write(p_o), total(write(y_r))), write(y))),
        ),
    ]
    sums = [f for f in system[name].facts if f.kind == "sums to 1"]
    result = None
    if any(_over_letter(system, name, f.over, y, o) for f in sums):
        result = product((weight, p_o - y))
        chain.append(("use fact", scaled(t.sub(write(p_o), write(y)))))
    return SoftmaxReduction(softmax, q_o, p_r, jacobian, tuple(chain), general, result, name)


def _over_letter(system: System, name: str, over: str, y: sp.Indexed, letter: sp.Symbol) -> bool:
    """Whether the fact's letter is the axis on which `letter` stands in the entry y."""
    return any(
        axis.index.name == over and i == letter
        for axis, i in zip(system[name].axes, y.indices, strict=True)
    )
