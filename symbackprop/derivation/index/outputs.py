"""BP1: the error of the output layer, with its proof by Kronecker brackets."""

from __future__ import annotations

from symbackprop.derivation.algebra import cancel, negative, split_fraction, times
from symbackprop.derivation.costs import cost_derivative
from symbackprop.derivation.index.equations import bracket, half_norm
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import By, Section, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Array,
    Chain,
    Deriv,
    Formula,
    Idx,
    Neg,
    Sum,
    sub,
)


def start(net: Layers, body: Formula) -> Section:
    """BP1: the error of the output layer."""
    j, k = net.letter(0), net.letter(1)
    layer = net.depth
    d_a = net.d(net.a(layer, k))
    z_j = net.z(layer, j)
    chain_sum = net.over(times(d_a, Deriv(net.a(layer, k), z_j)), k, layer)
    slope_k = net.apply(layer, net.z(layer, k), 1)
    inserted = net.over(times(d_a, slope_k, bracket(k, j)), k, layer)
    final = times(net.d(net.a(layer, j)), net.slope(layer, j))
    about = {
        "j": j,
        "k": k,
        "layer": layer,
        "delta": net.delta(layer, j),
        "a": net.a(layer, k),
        "z": z_j,
    }
    steps: list[Step] = []
    name = statement(net.delta(layer, j), net.d(z_j))
    if len(name.members) > 1:
        steps.append(Step("name", (name,), topic="index error", about=about))
    steps.append(
        Step(
            "chain rule",
            (
                statement(
                    net.delta(layer, j),
                    By("name", net.d(z_j)),
                    chain_sum,
                    By("local derivative", inserted),
                    By("bracket picks", final),
                ),
            ),
            topic="bp1",
            about=about,
            label="BP1",
        )
    )
    if not net.is_softmax(layer):
        steps += output_errors(net, body)
    return Section("bp1", tuple(steps), about)


def output_errors(net: Layers, body: Formula) -> list[Step]:
    """dJ/da for this cost, put into BP1."""
    j = net.letter(0)
    layer = net.depth
    a = net.a(layer, j)
    summand, index = _summand(body)
    if summand is None or index is None:
        return []
    other = net.letter(1)
    at_other = _reletter(summand, index, other)
    mine = _reletter(summand, index, j)
    sums = Sum(at_other, other, ONE, net.width(layer))
    told = cost_derivative(mine, a)
    value = told.value
    about = {"a": a, "j": j, "k": other, "delta": net.delta(layer, j)}
    whole_sum = Deriv(sums, a, operator=True)
    first = Step(
        "local derivative",
        (statement(net.d(a), whole_sum, *told.lines()),),
        topic="index cost",
        about=about,
        label="index cost",
    )
    slope = net.slope(layer, j)
    product, _ = cancel(value, slope)
    z = net.z(layer, j)
    delta = net.delta(layer, j)
    rows: list[Chain] = []
    whole: Formula | None = None
    if net.generic and net.system.about.cost == "half-sse":
        whole = half_norm(sub(Array("y"), net.array("activation", layer)))
    composed_members: list[Formula | By] = [delta, By("name", net.d(z))]
    if whole is not None:
        composed_members.append(Deriv(whole, z, operator=True))
    rule = "local derivative" if whole is None else "substitute"
    composed_members.append(By(rule, Deriv(sums, z, operator=True)))
    in_z = _replace_activation(net, at_other, other)
    composed_members.append(Deriv(Sum(in_z, other, ONE, net.width(layer)), z, operator=True))
    # Differentiating gives the terms as they come; one fraction is made of them afterwards.
    used = value if told.fraction is None else told.raw
    at_value = _replace_activation(net, _reletter(used, j, other), other)
    slope_other = net.apply(layer, net.z(layer, other), 1)
    before_pick = net.over(times(at_value, slope_other, bracket(other, j)), other, layer)
    composed_members.append(By("local derivative", before_pick))
    composed_members.append(By("bracket picks", times(_replace_activation(net, used, j), slope)))
    composed_members.append(times(used, slope))
    composed_members.append(product)
    composed_members += _without_denominator(net, value, layer, j)
    rows.append(statement(*composed_members))
    second = Step(
        "substitute", tuple(rows), topic="index output error", about=about, label="index start"
    )
    return [first, second]


def _without_denominator(net: Layers, value: Formula, layer: Formula, j: Idx) -> list[By]:
    """The slope by its value, and what it cancels: a - y for cross-entropy with sigmoid outputs."""
    function = net.system.function_by_name.get(net.function_of(layer))
    if function is None or function.expression is None or split_fraction(value)[1] == ONE:
        return []
    from symbackprop.derivation.functions import WrittenFunction

    slope = WrittenFunction(function, net.system).slope_by_value(net.a(layer, j), net.z(layer, j))
    if slope is None:
        return []
    left, struck = cancel(value, slope)
    if not struck:
        return []
    return [By("rewrite", times(value, slope)), By("cancel", left)]


def _replace_activation(net: Layers, formula: Formula, j: Idx) -> Formula:
    """a written as f(z)."""
    a = net.a(net.depth, j)
    value = net.apply(net.depth, net.z(net.depth, j))
    return formula.rewrite(lambda node: value if node == a else None)


def _summand(body: Formula) -> tuple[Formula | None, Idx | None]:
    """J = c sum_j g(j): (c g, j). None where J is not of that form."""
    if isinstance(body, Neg):
        inner, index = _summand(body.body)
        return (None if inner is None else negative(inner)), index
    if isinstance(body, Sum):
        return body.body, body.index
    sums = [f for f in body.children() if isinstance(f, Sum)]
    from symbackprop.derivation.algebra import factors_of

    if len(sums) == 1 and sums[0] in factors_of(body):
        rest = [f for f in factors_of(body) if f is not sums[0]]
        return times(*rest, sums[0].body), sums[0].index
    return None, None


def _reletter(formula: Formula, old: Idx, new: Idx) -> Formula:
    return formula.rewrite(lambda node: new if node == old else None)
