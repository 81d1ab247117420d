"""Textbook forms: the known formulas, and every line against measured numbers."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symbackprop.calculus.costs import cancelled, cost_derivative
from symbackprop.calculus.forms import put_in, textbook_gradients
from symbackprop.calculus.slopes import slope_steps
from symbackprop.calculus.softmax import as_softmax, softmax_reduction
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.textbook import VALUE, slope_in_value
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.builtins import find
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp, softmax_regression
from symbackprop.networks.recurrent import elman
from symbackprop.system.model import Function, System, entry, index

from .arrays import Arrays
from .oracle import Net

SMALL = mp.mpf(10) ** -18
a = VALUE
z = sp.Symbol("z", real=True)
j, k, o, t_, i = (index(x) for x in "jkoti")


def mlp_net(activation: str, cost: str, *sizes: int) -> System:
    return mlp(list(sizes or (2, 3, 2)), activation=activation, cost=cost)


# --- slopes


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("identity", sp.Integer(1)),
        ("sigmoid", a * (1 - a)),
        ("tanh", 1 - a**2),
        ("exp", a),
        ("softplus", None),
        ("silu", None),
        ("gelu-tanh", None),
        ("sin", None),
        ("f", None),
    ],
)
def test_slope_in_the_value(name: str, slope: sp.Expr | None) -> None:
    assert slope_in_value(ACTIVATIONS[name].function()) == slope


def test_slope_of_other_functions_is_found_too() -> None:
    """No name is looked at: a scaled and a shifted sigmoid, a tanh of half the argument."""

    def slope(f: sp.Expr) -> sp.Expr | None:
        return slope_in_value(Function("own", z, f))

    assert slope(2 / (1 + sp.exp(-z)) - 1) == sp.Rational(1, 2) - a**2 / 2
    assert slope(3 / (1 + sp.exp(-2 * z))) == a * (2 - sp.Rational(2, 3) * a)
    assert slope((1 - sp.exp(-2 * z)) / (1 + sp.exp(-2 * z))) == 1 - a**2
    assert slope(sp.exp(-3 * z)) == -3 * a
    assert slope(z**2) is None
    assert slope(sp.exp(z) / (1 + z)) is None


def test_slope_by_branches() -> None:
    beta = entry("beta")
    assert slope_in_value(ACTIVATIONS["elu"].function()) == sp.Piecewise(
        (1, z > 0), (a + beta, True)
    )


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "f"])
@pytest.mark.parametrize("at", [-1.3, 0.4, 2.0])
def test_every_line_of_a_slope_is_the_measured_slope(name: str, at: float) -> None:
    net = Net(mlp_net(name, "half-sse"))
    function = ACTIVATIONS[name].function()
    net.moved = {("z1", (1,)): mp.mpf(at)}
    for constant in function.constants:
        net.given[constant, ()] = mp.mpf("0.3")

    def f(u: mp.mpf) -> mp.mpf:
        known = {c: net.given[c, ()] for c in function.constants}
        return net.number(function.expression, {**known, function.variable.name: u})

    net.moved["a1", (1,)] = f(mp.mpf(at))
    steps = slope_steps(function, t.ref("z1", 1), t.ref("a1", 1))
    arrays = Arrays(net, "columns", "receiver")
    right = mp.diff(f, mp.mpf(at))
    assert steps.definition is not None
    assert abs(arrays.value(steps.definition, {}) - net.moved["a1", (1,)]) < SMALL
    for line in steps.lines:
        assert abs(arrays.value(line.member, {}) - right) < SMALL, line
        if line.identity:
            values = [arrays.value(m, {}) for m in line.identity.members]
            assert max(values) - min(values) < SMALL


def test_the_sigmoid_is_told_as_in_the_textbook() -> None:
    steps = slope_steps(ACTIVATIONS["sigmoid"].function(), t.ref("z"), t.ref("a"))
    e = t.Call("exp", (t.Neg(t.ref("z")),))
    u = t.add(t.ONE, e)
    assert [line.rule for line in steps.lines] == ["local derivative", "rewrite", "rewrite"]
    raw, split, result = (line.member for line in steps.lines)
    assert raw == t.Mul((t.Neg(t.Pow(u, t.num(-2))), t.Neg(e)))
    assert split == t.Mul((t.Div(t.ONE, u), t.Div(e, u)))
    assert result == t.Mul((t.ref("a"), t.sub(t.ONE, t.ref("a"))))
    assert steps.lines[2].identity == t.equal(
        t.sub(t.ONE, t.ref("a")), t.sub(t.Div(u, u), t.Div(t.ONE, u)), t.Div(e, u)
    )


# --- costs


COSTS = {
    "half-sse": "identity",
    "mse": "identity",
    "bce": "sigmoid",
    "mae": "identity",
    "huber": "identity",
    "hinge": "identity",
    "poisson": "exp",
}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("samples", [None, 3])
def test_every_form_of_the_costs_derivative_is_measured(cost: str, samples: int | None) -> None:
    system = mlp([2, 3], activation=COSTS[cost], cost=cost, samples=samples)
    found = cost_derivative(system)
    net = Net(system)
    arrays = Arrays(net, "columns", "receiver")
    for key in net.keys(found.quantity):
        letters = {x.name: v for x, v in zip(found.indices, key[1], strict=True)}
        right = net.slope(key)
        assert abs(net.number(found.expr, letters) - right) < SMALL
        terms = found.factor * sp.Add(*found.raw)
        assert abs(net.number(terms, letters) - right) < SMALL
        for member in found.members:
            assert abs(arrays.value(member, letters) - right) < SMALL, member


def one_fraction(cost: str, activation: str) -> Formula:
    return cost_derivative(mlp([2, 3], activation=activation, cost=cost)).members[-1]


def test_costs_as_textbooks_write_their_derivatives() -> None:
    out, y = t.ref("a1", "j"), t.ref("y", "j")
    error, rest = t.sub(out, y), t.sub(t.ONE, out)
    assert one_fraction("half-sse", "identity") == error
    assert one_fraction("mse", "identity") == t.mul(t.Div(t.num(2), t.num(3)), error)
    assert one_fraction("bce", "sigmoid") == t.Div(error, t.mul(out, rest))
    assert one_fraction("poisson", "exp") == t.Div(error, out)


def test_cross_entropy_comes_in_three_steps() -> None:
    found = cost_derivative(mlp([2, 3], activation="sigmoid", cost="bce"))
    out, y = t.ref("a1", "j"), t.ref("y", "j")
    rest, miss = t.sub(t.ONE, out), t.sub(t.ONE, y)
    first, second, _ = found.members
    assert first == t.add(t.Neg(t.Div(y, out)), t.Div(miss, rest))
    assert isinstance(second, t.Div)
    assert second.den == t.mul(out, rest)


def test_the_slope_cancels_the_denominator_and_says_why() -> None:
    system = mlp([2, 3], activation="sigmoid", cost="bce")
    out, y = entry("a1", j), entry("y", j)
    left = cancelled(system, cost_derivative(system), out * (1 - out))
    assert left.expr == out - y
    assert set(left.not_zero) == {out, 1 - out}
    assert left.fact == "in (0,1)"
    assert left.member == t.sub(t.ref("a1", "j"), t.ref("y", "j"))


def test_nothing_cancels_with_half_squared_error() -> None:
    system = mlp([2, 3], activation="sigmoid", cost="half-sse")
    out, y = entry("a1", j), entry("y", j)
    left = cancelled(system, cost_derivative(system), out * (1 - out))
    assert not left.not_zero
    assert left.member == t.mul(
        t.sub(t.ref("a1", "j"), t.ref("y", "j")),
        t.ref("a1", "j"),
        t.sub(t.ONE, t.ref("a1", "j")),
    )
    assert left.expr == (out - y) * out * (1 - out)


# --- whole adjoints


def test_output_errors() -> None:
    """dJ/dz at the output: (a - y) wherever cost and activation belong together."""

    def error(activation: str, cost: str) -> sp.Expr:
        adjoints = textbook_gradients(mlp([2, 3], activation=activation, cost=cost))
        return adjoints.of("z1").cases[0][1]

    out, y, up = entry("a1", j), entry("y", j), entry("d.a1", j)
    assert error("sigmoid", "bce") == out - y
    assert error("exp", "poisson") == out - y
    assert error("sigmoid", "half-sse") == up * out * (1 - out)
    assert error("tanh", "half-sse") == up * (1 - out**2)


def test_softmax_with_cross_entropy_is_p_minus_y() -> None:
    adjoints = textbook_gradients(softmax_regression())
    assert adjoints.of("z1").cases[0][1] == entry("a1", j) - entry("y", j)


@pytest.mark.parametrize("name", ["softmax-regression", "elman"])
def test_softmax_line_by_line(name: str) -> None:
    """The Jacobian and the reduction: every member is the measured derivative."""
    system = find(name)
    target = next(e.target for e in system.equations if as_softmax(e))
    softmax = as_softmax(system.equations_of[target][0])
    assert softmax is not None
    found = softmax_reduction(system, softmax, sweep(system).of(target))
    assert found is not None
    assert [rule for rule, _ in found.chain] == [
        "chain rule", "substitute", "cancel", "bracket picks", "use fact",
    ]  # fmt: skip
    net = Net(system)
    arrays = Arrays(net, "columns", "receiver")
    name = softmax.argument.base.label.name
    for key in net.keys(system[name]):
        letters = {x.name: v for x, v in zip(softmax.argument.indices, key[1], strict=True)}
        right = net.slope(key)
        for rule, member in found.chain[1:]:  # the chain rule's line holds a derivative sign
            assert abs(arrays.value(member, letters) - right) < SMALL, rule
        for r in range(1, 3):
            values = [arrays.value(m, {**letters, "r": r}) for _, m in found.jacobian]
            assert max(values) - min(values) < SMALL


def test_without_the_fact_the_sum_of_the_targets_stays() -> None:
    """p * sum(y) - y is the result when nobody says that the targets sum to 1."""
    from dataclasses import replace

    plain = softmax_regression()
    targets = tuple(
        replace(q, facts=frozenset()) if q.role == "target" else q for q in plain.quantities
    )
    system = replace(plain, quantities=targets)
    result = textbook_gradients(system).of("z1").cases[0][1]
    r = index("r")
    assert result == entry("a1", j) * sp.Sum(entry("y", r), (r, 1, 3)) - entry("y", j)
    net = Net(system)
    for key in net.keys(system["z1"]):
        assert abs(net.number(result, {"j": key[1][0]}) - net.slope(key)) < SMALL


def test_bp1_to_bp4() -> None:
    """Nielsen's equations in index form, start and step of the recursion."""
    adjoints = textbook_gradients(generic_mlp())
    ell, L = index("l"), sp.Symbol("L", integer=True, positive=True)
    s = sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))
    f1 = sp.Function("f'", real=True)
    step, start = put_in(adjoints, "z", ("a",)).cases
    assert start[0][0] == (ell, L, L)
    assert start[1] == (entry("a", L, j) - entry("y", j)) * f1(entry("z", L, j))
    assert step[0][0] == (ell, 1, L - 1)
    back = sp.Sum(entry("w", ell + 1, k, j) * entry("d.z", ell + 1, k), (k, 1, s[ell + 1]))
    assert step[1] == back * f1(entry("z", ell, j))
    assert adjoints.of("b").cases[0][1] == entry("d.z", ell, j)
    assert adjoints.of("w").cases[0][1] == entry("d.z", ell, j) * entry("a", ell - 1, k)


def test_backpropagation_through_time() -> None:
    """h[t] feeds the output of its step and the next state; the last step has no next."""
    adjoints = textbook_gradients(elman())
    H, K, T = (sp.Symbol(x, integer=True, positive=True) for x in "HKT")
    first, step, last = adjoints.of("h").cases

    def next_state(at: sp.Expr) -> sp.Expr:
        return sp.Sum(entry("U", j, i) * entry("d.z", at + 1, j), (j, 1, H))

    def output(at: sp.Expr) -> sp.Expr:
        return sp.Sum(entry("V", o, i) * entry("d.q", at, o), (o, 1, K))

    assert [guard[0] for guard, _ in (first, step, last)] == [
        (t_, 0, 0),
        (t_, 1, T - 1),
        (t_, T, T),
    ]
    assert first[1] == next_state(sp.Integer(0))
    assert step[1] == next_state(t_) + output(t_)
    assert last[1] == output(T)
    over_time = sp.Sum(entry("d.z", t_, i) * entry("h", t_ - 1, j), (t_, 1, T))
    assert adjoints.of("U").cases[0][1] == over_time
