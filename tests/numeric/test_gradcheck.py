"""The adjoint System, lowered, against complex steps of the plain forward pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symbackprop.export.gradcheck import gradcheck
from symbackprop.export.lambdify import Lambdified
from symbackprop.networks import find, mlp
from symbackprop.networks.builtins import names
from symbackprop.numeric import gradcheck as module
from symbackprop.numeric.gradcheck import TOLERANCE, numeric_gradient
from symbackprop.numeric.values import example_sizes, example_values

from .random_systems import random_system


@pytest.mark.parametrize("name", names())
def test_built_in_networks(name: str) -> None:
    found = gradcheck(find(name))
    assert found.passed, found.worst
    assert len(found.rows) == len({(r.name, r.index) for r in found.rows}) > 0


@pytest.mark.parametrize("seed", range(1000, 1040))
def test_random_systems(seed: int) -> None:
    found = gradcheck(random_system(seed), seed=seed)
    assert found.passed, found.worst


@pytest.mark.slow
def test_five_hundred_random_systems() -> None:
    wrong = {}
    for seed in range(500):
        found = gradcheck(random_system(seed), seed=seed)
        if not found.passed:
            wrong[seed] = found.worst
    assert not wrong


def test_both_numeric_methods_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    system = mlp([2, 3, 2], "gelu-tanh", cost="huber", output_activation="identity")
    sizes = example_sizes(system)
    values = example_values(system, sizes, 1)
    entries = [("W1", (1, 2)), ("b1", (3,)), ("W2", (2, 3))]
    _, fast, method = numeric_gradient(system, values, sizes, entries)
    monkeypatch.setattr(module, "analytic", lambda _: False)
    _, slow, other = numeric_gradient(system, values, sizes, entries)
    assert (method, other) == ("complex step", "50-digit central differences")
    np.testing.assert_allclose(fast, slow, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("mistake", ["sign", "one entry", "transposed", "missing path", "nan"])
def test_a_wrong_gradient_is_caught(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Lambdified.gradient

    def wrong(self: Lambdified, values: Any) -> dict[str, Any]:
        found = right(self, values)
        if mistake == "sign":
            found["b1"] = -found["b1"]
        elif mistake == "one entry":
            found["W2"][0, 1] *= 1 + 1e-6
        elif mistake == "transposed":
            found["W1"] = found["W1"].T
        elif mistake == "missing path":
            found["W1"] = found["W1"] * 0.5
        else:
            found["b2"][0] = np.nan
        return found

    monkeypatch.setattr(Lambdified, "gradient", wrong)
    assert not gradcheck(mlp([2, 2, 2])).passed


def test_the_table_speaks_of_entries() -> None:
    found = gradcheck(mlp([2, 1]), seed=3)
    assert [r.label for r in found.rows] == ["W1[1,1]", "W1[1,2]", "b1[1]"]
    assert all(r.error <= TOLERANCE for r in found.rows)


def test_abstract_functions_are_checked_with_a_stand_in() -> None:
    found = gradcheck(find("nielsen"))
    assert found.stand_ins == ("sigma",)
    assert found.passed


def test_a_large_network_is_sampled() -> None:
    found = gradcheck(mlp([60, 50, 3], "tanh", cost="half-sse"), largest=30)
    assert len(found.rows) == 30
    assert found.left_out == 60 * 50 + 50 + 50 * 3 + 3 - 30
    assert found.passed
