"""Adjoints of random systems equal measured derivatives; planted engine errors are caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest

from symbackprop.calculus import contract as contract_module
from symbackprop.calculus import differentiate as differentiate_module
from symbackprop.calculus import sweep as sweep_module
from symbackprop.calculus.forms import textbook_forms
from symbackprop.calculus.matrix import CONVENTIONS
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.views import matrix_view
from symbackprop.system.model import System

from .arrays import Arrays, distance
from .oracle import Net, worst
from .systems import convolution, random_graph, random_network, two_steps_back

pytestmark = pytest.mark.slow

SMALL = mp.mpf(10) ** -16
SIZES = {"s": {0: 2, 1: 2, 2: 3}, "L": 2}


def errors(system: System, seed: int = 1, sizes: dict[str, Any] | None = None) -> list[Any]:
    raw = sweep(system)
    net = Net(system, sizes or SIZES, seed)
    return [worst(net, adjoints) for adjoints in (raw, textbook_forms(raw))]


@pytest.mark.parametrize("seed", range(40))
def test_random_networks(seed: int) -> None:
    for error, where in errors(random_network(seed), seed):
        assert error < SMALL, where


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    for error, where in errors(random_graph(seed), seed):
        assert error < SMALL, where


@pytest.mark.slow
def test_many_random_systems() -> None:
    for seed in range(100, 220):
        for build in (random_network, random_graph):
            for error, where in errors(build(seed), seed):
                assert error < SMALL, (build.__name__, seed, where)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_recurrence_of_two_steps_has_right_ends(steps: int) -> None:
    """For T = 1 and 2 the ends of the two guards cross."""
    for error, where in errors(two_steps_back(), sizes={"T": steps}):
        assert error < SMALL, where


def test_the_backward_convolution() -> None:
    for error, where in errors(convolution()):
        assert error < SMALL, where


@pytest.mark.parametrize("seed", range(12))
def test_matrix_views_of_random_systems(seed: int) -> None:
    """What has a matrix form is right in each convention; the rest says why it has none."""
    for build in (random_network, random_graph):
        system = build(seed)
        net = Net(system, SIZES, seed)
        for convention in CONVENTIONS:
            view = matrix_view(system, convention)
            assert all(reason for _, reason in view.refused)
            arrays = Arrays(net, convention.samples, convention.weights)
            for lifted in (*view.equations, *view.adjoints):
                for letters in net.places(lifted.guard):
                    left, right = (arrays.value(m, letters) for m in lifted.statement.members)
                    assert distance(left, right) < SMALL, (build.__name__, lifted)


# --- planted errors


def lose_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine drops the last contribution of every quantity that has several."""
    original = sweep_module._cases

    def without_last(contributions: Any, free: Any) -> Any:
        return original(contributions[:-1] if len(contributions) > 1 else contributions, free)

    monkeypatch.setattr(sweep_module, "_cases", without_last)


def lose_a_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last delta of every entry with two indices is forgotten."""
    original = differentiate_module._Walk._entry

    def forgetful(self: Any, expr: Any) -> Any:
        return [
            differentiate_module.replace(t, deltas=t.deltas[: max(1, len(t.deltas) - 1)])
            for t in original(self, expr)
        ]

    monkeypatch.setattr(differentiate_module._Walk, "_entry", forgetful)


def shift_the_wrong_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """[t-1 = p] is solved to t = p-1."""
    original = contract_module.solve_index

    def wrong(equal: Any, letter: Any) -> Any:
        value = original(equal, letter)
        return None if value is None else value.xreplace({1: -1}) if value.is_Add else value

    monkeypatch.setattr(contract_module, "solve_index", wrong)


def forget_the_inner_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Squares are differentiated to their base without the factor 2."""
    original = differentiate_module._slope

    def wrong(expr: Any, i: int) -> Any:
        return expr.base if expr.is_Pow and expr.exp == 2 else original(expr, i)

    monkeypatch.setattr(differentiate_module, "_slope", wrong)


@pytest.mark.parametrize(
    "plant", [lose_a_path, lose_a_delta, shift_the_wrong_way, forget_the_inner_derivative]
)
def test_planted_errors_are_caught(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    caught = 0
    for system in (two_steps_back(), random_graph(3), random_graph(8)):
        try:
            caught += any(error > SMALL for error, _ in errors(system))
        except (KeyError, AssertionError, RecursionError):
            caught += 1
    assert caught > 0
