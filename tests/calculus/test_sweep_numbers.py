"""Every adjoint of every built-in network equals a measured derivative; planted errors do not."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp

from symbackprop.calculus.adjoint import AdjointSystem
from symbackprop.calculus.forms import textbook_forms
from symbackprop.calculus.sweep import sweep
from symbackprop.networks.builtins import find, names
from symbackprop.system.model import System

from .oracle import Net, worst

SMALL = mp.mpf(10) ** -18
SIZES = {"s": {0: 2, 1: 3, 2: 2, 3: 2}, "L": 3, "m": 2}


def net(system: System) -> Net:
    return Net(system, SIZES)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n == "elman" else []) for n in names()]
)
def test_every_adjoint_of_a_built_in_is_the_measured_derivative(name: str) -> None:
    system = find(name)
    raw = sweep(system)
    for adjoints in (raw, textbook_forms(raw)):
        error, where = worst(net(system), adjoints)
        assert error < SMALL, where


def change(adjoints: AdjointSystem, name: str, new: sp.Expr, case: int = 0) -> AdjointSystem:
    """The adjoint system with one formula replaced: a mutant."""
    old = adjoints.of(name)
    cases = list(old.cases)
    assert cases[case][1] != new
    cases[case] = (cases[case][0], new)
    mutant = replace(old, cases=tuple(cases))
    return replace(adjoints, adjoints=tuple(mutant if a is old else a for a in adjoints.adjoints))


@pytest.mark.slow
def test_a_lost_path_is_seen() -> None:
    """The Elman step without the path through h[t+1]."""
    adjoints = sweep(find("elman"))
    step = adjoints.of("h").cases[1][1]
    for path in step.args:
        mutant = change(adjoints, "h", path, 1)
        assert worst(net(adjoints.system), mutant)[0] > SMALL


def test_a_swapped_index_is_seen() -> None:
    """w[k, j] for w[j, k] in the error that comes back."""
    adjoints = sweep(find("chang"))
    error = adjoints.of("a1").cases[0][1]
    weight = next(e for e in error.atoms(sp.Indexed) if e.base.label.name == "W2")
    swapped = error.xreplace({weight: weight.base[weight.indices[::-1]]})
    assert worst(net(adjoints.system), change(adjoints, "a1", swapped))[0] > SMALL


@pytest.mark.slow
def test_a_lost_delta_is_seen() -> None:
    """The softmax's error without the path through the other outputs (the bracket's term only)."""
    adjoints = sweep(find("elman"))
    for term in adjoints.of("q").cases[0][1].args:
        assert worst(net(adjoints.system), change(adjoints, "q", term))[0] > SMALL


def test_a_lost_slope_is_seen() -> None:
    """d.z[l] = d.a[l] without f'(z[l])."""
    adjoints = sweep(find("nielsen"))
    expr = adjoints.of("z").cases[0][1]
    for factor in expr.args:
        assert worst(net(adjoints.system), change(adjoints, "z", factor))[0] > SMALL


def test_a_wrong_end_of_a_recursion_is_seen() -> None:
    """The cost's case exchanged with the step's."""
    adjoints = sweep(find("nielsen"))
    first, second = (expr for _, expr in adjoints.of("a").cases)
    mutant = change(change(adjoints, "a", second, 0), "a", first, 1)
    with pytest.raises((AssertionError, KeyError)):
        assert worst(net(adjoints.system), mutant)[0] < SMALL
