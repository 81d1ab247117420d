"""Textbook forms: the known formulas, and every line against measured numbers."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp

from symbackprop.calculus.costs import CostDerivative, cancelled, of_adjoint
from symbackprop.calculus.forms import put_in, textbook_gradients
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.textbook import VALUE, slope_in_value
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp, softmax_regression
from symbackprop.networks.recurrent import elman
from symbackprop.system.model import Function, System, entry, index

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


def one_fraction(system: System) -> CostDerivative:
    found = of_adjoint(system, sweep(system).of("a1"))
    assert found is not None
    return found


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("samples", [None, 3])
def test_the_costs_derivative_is_measured(cost: str, samples: int | None) -> None:
    system = mlp([2, 3], activation=COSTS[cost], cost=cost, samples=samples)
    found = one_fraction(system)
    net = Net(system)
    for key in net.keys(found.quantity):
        letters = {x.name: v for x, v in zip(found.quantity.indices, key[1], strict=True)}
        assert abs(net.number(found.expr, letters) - net.slope(key)) < SMALL


def test_costs_as_textbooks_write_their_derivatives() -> None:
    out, y = entry("a1", j), entry("y", j)

    def parts(cost: str, activation: str) -> tuple[sp.Expr, sp.Expr, set[sp.Expr]]:
        found = one_fraction(mlp([2, 3], activation=activation, cost=cost))
        return found.factor, found.numerator, set(found.denominator)

    assert parts("half-sse", "identity") == (1, out - y, set())
    assert parts("mse", "identity") == (sp.Rational(2, 3), out - y, set())
    assert parts("bce", "sigmoid") == (1, out - y, {out, 1 - out})
    assert parts("poisson", "exp") == (1, out - y, {out})


def test_the_slope_cancels_the_denominator() -> None:
    system = mlp([2, 3], activation="sigmoid", cost="bce")
    out, y = entry("a1", j), entry("y", j)
    assert cancelled(system, one_fraction(system), out * (1 - out)) == out - y


def test_nothing_cancels_with_half_squared_error() -> None:
    system = mlp([2, 3], activation="sigmoid", cost="half-sse")
    out = entry("a1", j)
    assert cancelled(system, one_fraction(system), out * (1 - out)) is None


def test_what_may_be_0_does_not_cancel() -> None:
    """Without the fact that the outputs lie in (0, 1) the denominator stays."""
    net = mlp([2, 3], activation="sigmoid", cost="bce")
    plain = replace(
        net,
        quantities=tuple(replace(q, facts=frozenset()) for q in net.quantities),
        functions=tuple(replace(f, facts=frozenset()) for f in net.functions),
    )
    out = entry("a1", j)
    assert cancelled(plain, one_fraction(plain), out * (1 - out)) is None


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


def test_without_the_fact_the_sum_of_the_targets_stays() -> None:
    """p * sum(y) - y is the result when nobody says that the targets sum to 1."""
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
