"""Each cost is one row; admissibility follows from facts."""

import math

import pytest
import sympy as sp

from symbackprop.errors import SpecError, UnknownName
from symbackprop.networks import ACTIVATIONS, COSTS, Cost, mlp
from symbackprop.networks.costs import cost
from symbackprop.system.facts import known
from symbackprop.system.model import Fact, entry, index

A, Y = (0.8, 0.3, 0.6), {"hinge": (1.0, -1.0, 1.0), "poisson": (2.0, 0.0, 1.0)}
DEFAULT_Y = (1.0, 0.0, 0.0)

# Of one sample, as a person would program it: what PyTorch calls reduction="sum" unless said.
ORACLE = {
    "half-sse": lambda a, y: sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / 2,
    "mse": lambda a, y: sum((p - q) ** 2 for p, q in zip(a, y, strict=True)) / len(a),
    "bce": lambda a, y: (
        -sum(q * math.log(p) + (1 - q) * math.log(1 - p) for p, q in zip(a, y, strict=True))
    ),
    "softmax-ce": lambda a, y: -sum(q * math.log(p) for p, q in zip(a, y, strict=True)),
    "mae": lambda a, y: sum(abs(p - q) for p, q in zip(a, y, strict=True)) / len(a),
    "huber": lambda a, y: sum(
        0.5 * (p - q) ** 2 if abs(p - q) <= 0.25 else 0.25 * (abs(p - q) - 0.125)
        for p, q in zip(a, y, strict=True)
    ),
    "hinge": lambda a, y: sum(max(0.0, 1 - p * q) for p, q in zip(a, y, strict=True)),
    "poisson": lambda a, y: sum(p - q * math.log(p) for p, q in zip(a, y, strict=True)),
}


def numbers(row: Cost) -> float:
    j = index("j")
    expression = row.of_outputs(entry("a", j), entry("y", j), j, sp.Integer(3)).doit()
    y = Y.get(row.name, DEFAULT_Y)
    values = {entry("kappa"): 0.25}
    values |= {entry("a", i + 1): A[i] for i in range(3)}
    values |= {entry("y", i + 1): y[i] for i in range(3)}
    return float(expression.subs(values))


def test_the_registry_has_the_promised_rows():
    assert set(COSTS) == set(ORACLE)


@pytest.mark.parametrize("row", COSTS.values(), ids=lambda r: r.name)
def test_every_formula_is_the_cost_it_is_named_after(row):
    assert numbers(row) == pytest.approx(ORACLE[row.name](A, Y.get(row.name, DEFAULT_Y)), rel=1e-13)


@pytest.mark.parametrize("row", COSTS.values(), ids=lambda r: r.name)
@pytest.mark.parametrize("function", [a for a in ACTIVATIONS if a != "f"])
def test_a_pair_is_admitted_exactly_when_the_cost_is_defined_on_all_outputs(row, function):
    needs = {"bce": {"sigmoid"}, "poisson": {"sigmoid", "softplus", "exp"}}
    allowed = function in needs.get(row.name, set(ACTIVATIONS))
    if allowed:
        net = mlp([2, 3], activation=function, cost=row.name)
        for kind in row.targets:
            assert kind == "sums to 1" or known(kind, net["y"].facts)
    else:
        with pytest.raises(SpecError, match=f"the cost {row.name} needs .* {function} gives"):
            mlp([2, 3], activation=function, cost=row.name)


def test_the_refusal_says_what_to_use():
    with pytest.raises(SpecError) as error:
        mlp([2, 2], activation="relu", cost="bce")
    assert str(error.value) == (
        "the cost bce needs outputs in (0,1); relu gives values in [0, inf)\n"
        "  use sigmoid for the output, or the cost softmax-ce or half-sse"
    )


def test_softmax_ce_takes_logits_so_an_output_activation_is_an_error():
    with pytest.raises(SpecError, match="takes the last pre-activation as logits"):
        mlp([2, 2], output_activation="sigmoid", cost="softmax-ce")
    net = mlp([2, 3, 3], activation="relu", cost="softmax-ce")
    assert Fact("sums to 1", "j") in net["y"].facts
    assert Fact("sums to 1", "j") in net["a2"].facts


@pytest.mark.parametrize(
    ("name", "library", "ours_to_theirs"),
    [
        # J summed over 4 outputs and 10 samples, times this, is the library's default.
        ("half-sse", "pytorch", sp.Rational(2, 40)),
        ("half-sse", "keras", sp.Rational(2, 40)),
        ("mse", "pytorch", sp.Rational(1, 10)),
        ("mae", "keras", sp.Rational(1, 10)),
        ("bce", "pytorch", sp.Rational(1, 40)),
        ("softmax-ce", "pytorch", sp.Rational(1, 10)),
        ("huber", "pytorch", sp.Rational(1, 40)),
        ("hinge", "pytorch", None),
        ("hinge", "keras", sp.Rational(1, 40)),
        ("poisson", "keras", sp.Rational(1, 40)),
    ],
)
def test_factor_to_the_default_of_other_libraries(name, library, ours_to_theirs):
    factor = COSTS[name].factor_to(library, sp.Integer(4), sp.Integer(10), "sum")
    assert factor == ours_to_theirs


def test_factor_when_we_average_over_samples_too():
    assert COSTS["half-sse"].factor_to(
        "pytorch", sp.Integer(4), sp.Integer(10), "mean"
    ) == sp.Rational(1, 2)


def test_thresholds_are_symbols_with_a_default_value():
    net = mlp([2, 2], activation="identity", cost="huber")
    assert net["kappa"].role == "constant"
    assert net.values["kappa"] == 1.0


def test_an_own_cost_is_accepted_wherever_a_name_is():
    quartic = Cost("quartic", lambda a, y: (a - y) ** 4)
    net = mlp([2, 2], activation="tanh", cost=quartic)
    j = index("j")
    assert net.equations[-1].rhs == sp.Sum((entry("a1", j) - entry("y", j)) ** 4, (j, 1, 2))
    assert net.about.cost == "quartic"


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(UnknownName, match="did you mean softmax-ce"):
        cost("softmax-xe")
