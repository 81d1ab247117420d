"""The plain forward pass against numbers worked out by hand, and against itself in other arithmetic."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp

from symbackprop.errors import IllFormedSystem, SymbackpropError, TooLarge
from symbackprop.networks import elman, generic_mlp, mlp
from symbackprop.numeric.arithmetic import Decimals, Floats
from symbackprop.numeric.forward import Forward
from symbackprop.numeric.gradcheck import to_decimals
from symbackprop.numeric.values import example_sizes, example_values, open_sizes
from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index

from .random_systems import random_system


def test_mazur_total_error() -> None:
    """The worked example of Mazur: shared biases, published total error 0.298371109."""
    system = mlp([2, 2, 2], "sigmoid", cost="half-sse", bias="layer")
    values = {
        "x": np.array([0.05, 0.10]),
        "W1": np.array([[0.15, 0.20], [0.25, 0.30]]),
        "b1": np.array(0.35),
        "W2": np.array([[0.40, 0.45], [0.50, 0.55]]),
        "b2": np.array(0.60),
        "y": np.array([0.01, 0.99]),
    }
    run = Forward(system).run(values, Floats())
    assert float(run.cost()) == pytest.approx(0.298371109, abs=5e-10)
    assert float(run.entry("a2", (1,))) == pytest.approx(0.75136507, abs=5e-9)


def test_elman_by_hand() -> None:
    """Two steps, one hidden neuron, two outputs: written out with math functions."""
    system = elman(2, 1, 1, 2)
    w, u, b, v, c = 0.3, -0.5, 0.1, np.array([0.7, -0.2]), np.array([0.05, 0.4])
    x, h0, y = np.array([0.9, -1.1]), 0.25, np.array([[0.2, 0.8], [0.6, 0.4]])
    values = {
        "W": np.array([[w]]),
        "U": np.array([[u]]),
        "b": np.array([b]),
        "V": v[:, None],
        "c": c,
        "x": x[:, None],
        "h0": np.array([h0]),
        "y": y,
    }
    h, cost = h0, 0.0
    for t in range(2):
        h = np.tanh(w * x[t] + u * h + b)
        q = v * h + c
        cost -= (y[t] * (q - np.log(np.exp(q).sum()))).sum()
    assert float(Forward(system).run(values, Floats()).cost()) == pytest.approx(cost, rel=1e-14)


@pytest.mark.parametrize("seed", range(12))
def test_floats_and_decimals_agree(seed: int) -> None:
    system = random_system(seed)
    sizes = example_sizes(system)
    values = example_values(system, sizes, seed)
    forward = Forward(system, sizes)
    double = float(forward.run(values, Floats()).cost())
    with mpmath.workdps(40):
        exact = forward.run({k: to_decimals(v) for k, v in values.items()}, Decimals()).cost()
        assert abs(double - exact) <= 1e-12 * max(1, abs(exact))


def test_a_complex_step_takes_the_branch_of_the_real_part() -> None:
    system = mlp([1, 1], "relu", cost="half-sse", bias="none")
    for w, slope in ((2.0, (2.0 - 0.5)), (-2.0, 0.0)):
        values = {"x": np.array([1.0]), "y": np.array([0.5]), "W1": np.array([[w]])}
        moved = {("W1", (1, 1)): w + 1e-30j}
        found = Forward(system).run(values, Floats(), moved).cost()
        assert np.imag(found) / 1e-30 == pytest.approx(slope, abs=1e-15)


def test_a_long_recurrence_does_not_recurse_deeply() -> None:
    system = elman(3000, 1, 1, 2)
    values = example_values(system, {}, 0)
    assert np.isfinite(float(Forward(system).run(values, Floats()).cost()))


def test_generic_depth_with_ragged_layers() -> None:
    system = generic_mlp("tanh", cost="half-sse")
    sizes = {"L": 2, "s": [2, 3, 1]}
    values = example_values(system, sizes, 0)
    assert [w.shape for w in values["w"]] == [(3, 2), (1, 3)]
    a = np.tanh(values["w"][0] @ values["x"] + values["b"][0])
    a = np.tanh(values["w"][1] @ a + values["b"][1])
    expected = 0.5 * ((a - values["y"]) ** 2).sum()
    assert float(Forward(system, sizes).run(values, Floats()).cost()) == pytest.approx(expected)


def test_values_keep_the_facts() -> None:
    for cost, last in (("bce", "sigmoid"), ("hinge", "identity"), ("softmax-ce", None)):
        system = mlp([2, 3, 4], "tanh", output_activation=last, cost=cost)
        y = example_values(system, {}, 3)["y"]
        if cost == "bce":
            assert np.all((y > 0) & (y < 1))
        elif cost == "hinge":
            assert set(np.abs(y)) == {1.0}
        else:
            assert y.sum() == pytest.approx(1.0)


def test_open_sizes_are_named_and_filled_with_distinct_numbers() -> None:
    assert open_sizes(elman())[0] == ["T", "D", "H", "K"]
    sizes = example_sizes(elman())
    assert len(set(sizes.values())) == 4


def test_a_missing_value_and_an_absurd_size_are_said_clearly() -> None:
    with pytest.raises(IllFormedSystem, match="neither an equation nor a value"):
        Forward(mlp([2, 2])).run({}, Floats()).cost()
    with pytest.raises(TooLarge, match="entries"):
        example_values(mlp([10**9, 10**9]), {})
    with pytest.raises(SymbackpropError, match="shape"):
        example_values(mlp([2, 2]), {}, given={"x": np.ones(3)})


def test_repeated_letters_and_shifts() -> None:
    """J = sum(t, x[t+1]*A[t,t]): a diagonal and a shifted index."""
    t = index("t")

    def axis(letter: str, n: int) -> Axis:
        return Axis(index(letter), sp.Integer(n))

    system = System(
        "diagonal",
        (
            Quantity("x", "input", (axis("t", 3),)),
            Quantity("A", "parameter", (axis("j", 2), axis("k", 2))),
            Quantity("J", "cost"),
        ),
        (Equation("J", (), sp.Sum(entry("x", t + 1) * entry("A", t, t), (t, 1, 2))),),
        "J",
    )
    values = {"x": np.array([1.0, 2.0, 3.0]), "A": np.array([[5.0, 7.0], [11.0, 13.0]])}
    assert float(Forward(system).run(values, Floats()).cost()) == 2 * 5 + 3 * 13
