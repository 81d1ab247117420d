"""Each activation is one row; every row is tested because the tests enumerate the registry."""

import math

import numpy as np
import pytest
import sympy as sp

from symbackprop.errors import UnknownName
from symbackprop.networks import ACTIVATIONS, Activation, mlp
from symbackprop.networks.activations import activation
from symbackprop.system.facts import consequences

# Each function as a person would program it, apart from the rows.
ORACLE = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky-relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "softplus": lambda z: math.log1p(math.exp(z)),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "gelu-tanh": lambda z: (
        0.5 * z * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
    ),
    "sin": math.sin,
    "exp": math.exp,
}
HOLDS = {
    "in (0,1)": lambda v: 0 < v < 1,
    "in [0,1]": lambda v: 0 <= v <= 1,
    "in (-1,1)": lambda v: -1 < v < 1,
    "positive": lambda v: v > 0,
    "nonnegative": lambda v: v >= 0,
}
PLACES = [-3.1, -1.0, -0.4, 0.3, 1.0, 2.7]
CONCRETE = [row for row in ACTIVATIONS.values() if row.expression is not None]


def value(row: Activation, z: float) -> float:
    constants = {sp.Symbol(name, real=True): v for name, v in row.constants.items()}
    return float(row.expression.subs({**constants, row.variable: sp.Float(z, 30)}))


def test_the_registry_has_the_promised_rows():
    assert set(ACTIVATIONS) == {*ORACLE, "f"}
    assert all(name == row.name for name, row in ACTIVATIONS.items())


@pytest.mark.parametrize("row", CONCRETE, ids=lambda r: r.name)
def test_every_formula_is_the_function_it_is_named_after(row):
    for z in PLACES:
        assert value(row, z) == pytest.approx(ORACLE[row.name](z), rel=1e-12)


@pytest.mark.parametrize("row", CONCRETE, ids=lambda r: r.name)
def test_every_fact_holds_and_says_where_the_values_lie(row):
    for fact in row.facts:
        for kind in consequences(fact.kind) & HOLDS.keys():
            assert all(HOLDS[kind](value(row, z)) for z in PLACES)


def bounds(row: Activation) -> tuple[float, float]:
    values = [ORACLE[row.name](z) for z in np.linspace(-30, 30, 6001)]
    return min(values), max(values)


@pytest.mark.parametrize("row", CONCRETE, ids=lambda r: r.name)
def test_a_bounded_function_states_its_bounds(row):
    """`range` is what people read: its numbers are those that the values reach."""
    low, high = bounds(row)
    if row.range == "the real numbers":
        assert low < -0.2
        return
    lower, upper = row.range.strip("([])").split(", ")
    named = {"inf": math.inf, "-beta": -1.0}
    assert low == pytest.approx(named.get(lower) or float(lower), abs=2e-3)
    expected = named.get(upper)
    assert high > 25 if expected == math.inf else high == pytest.approx(float(upper), abs=1e-3)


@pytest.mark.parametrize("row", CONCRETE, ids=lambda r: r.name)
def test_the_kinks_are_exactly_where_the_derivative_jumps(row):
    """A one-sided difference quotient at 0 is the same from both sides unless there is a kink."""
    f, h = ORACLE[row.name], 1e-7
    left, right = (f(0) - f(-h)) / h, (f(h) - f(0)) / h
    jumps = abs(left - right) > 1e-3
    listed = [place for place, _ in row.kinks]
    if row.name == "elu":  # smooth for beta = 1, a kink for every other beta
        assert not jumps
        assert listed == [0]
    else:
        assert jumps == bool(listed)
    assert row.analytic == (not row.kinks)


@pytest.mark.parametrize("row", [r for r in CONCRETE if r.kinks], ids=lambda r: r.name)
def test_the_stated_convention_is_what_differentiation_gives(row):
    derivative = sp.diff(row.expression, row.variable).subs(row.variable, 0)
    stated = {
        "relu": 0,
        "leaky-relu": sp.Symbol("alpha", real=True),
        "elu": sp.Symbol("beta", real=True),
    }[row.name]
    assert derivative == stated
    ((_, words),) = row.kinks
    assert words == f"{row.function_name}'(0) = {stated}"


def test_the_complex_step_differentiates_every_analytic_row():
    for row in CONCRETE:
        if row.analytic:
            f = sp.lambdify(row.variable, row.expression, "numpy")
            exact = sp.lambdify(row.variable, sp.diff(row.expression, row.variable), "numpy")
            for z in PLACES:
                assert np.imag(f(z + 1e-30j)) / 1e-30 == pytest.approx(float(exact(z)), rel=1e-12)


def test_slopes_are_symbols_with_a_default_value():
    net = mlp([2, 2], activation="leaky-relu", cost="half-sse")
    assert net["alpha"].role == "constant"
    assert net.values["alpha"] == 0.01


def test_an_own_activation_is_accepted_wherever_a_name_is():
    z = sp.Symbol("z", real=True)
    net = mlp([2, 2], activation=Activation("cube", z**3), cost="half-sse")
    assert net.equations[1].rhs.func.__name__ == "cube"
    assert net.function_by_name["cube"].expression == z**3


def test_two_different_functions_cannot_share_a_name():
    z = sp.Symbol("z", real=True)
    first, second = Activation("g", z**3), Activation("g", z**5)
    with pytest.raises(Exception, match="two different activations are called 'g'"):
        mlp([2, 2, 2], activation=[first, second], cost="half-sse")


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownName, match=r"unknown activation 'sigmod'\s+did you mean sigmoid"):
        activation("sigmod")
