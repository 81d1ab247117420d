"""Whole formulas, and SymPy expressions written in textbook order."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp

from symbackprop.calculus.forms import textbook_gradients
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.written import written
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import ref
from symbackprop.networks.builtins import find
from symbackprop.networks.mlp import mlp
from symbackprop.networks.skip import residual
from symbackprop.system.model import System, entry, index, size

from .oracle import Net

SMALL = mp.mpf(10) ** -18
j, k, ell = index("j"), index("k"), index("l")


@pytest.mark.parametrize("system", [find("chang"), mlp([2, 3, 2, 2], cost="half-sse"), residual()])
def test_the_whole_formula_is_the_measured_derivative(system: System) -> None:
    for adjoints in (sweep(system), textbook_gradients(system)):
        net = Net(system)
        for quantity in system.parameters:
            whole = adjoints.expanded(quantity.name)
            assert not any(s.name.startswith("d.") for s in whole.atoms(sp.Symbol))
            for key in net.keys(quantity):
                letters = {x.name: i for x, i in zip(quantity.indices, key[1], strict=True)}
                assert abs(net.number(whole, letters) - net.slope(key)) < SMALL


def test_the_passage_8_5() -> None:
    """dJ/dW1 = sum over both outputs of (a2 - y) W2, times a1 (1 - a1) x"""
    whole = textbook_gradients(find("chang")).expanded("W1")
    a1, x = entry("a1", j), entry("x", k)
    paths = next(f for f in whole.args if isinstance(f, sp.Sum))
    m = paths.limits[0][0]
    assert paths.function == (entry("a2", m) - entry("y", m)) * entry("W2", m, j)
    assert sp.Mul(*(f for f in whole.args if f != paths)) == a1 * (1 - a1) * x


@pytest.mark.parametrize(("name", "parameter"), [("nielsen", "w"), ("elman", "U")])
def test_a_recursion_has_no_formula_of_fixed_length(name: str, parameter: str) -> None:
    with pytest.raises(UnsupportedForm):
        sweep(find(name)).expanded(parameter)


def test_a_slope_that_is_learned_is_refused() -> None:
    """f(z) hides its constants: a parameter among them must be written out."""
    system = mlp([2, 2], activation="leaky-relu", cost="half-sse")
    learned = tuple(
        replace(q, role="parameter") if q.name == "alpha" else q for q in system.quantities
    )
    with pytest.raises(UnsupportedForm, match="'alpha'"):
        sweep(replace(system, quantities=learned))


def test_terms_and_factors_in_textbook_order() -> None:
    """What SymPy would reorder."""
    system = mlp([2, 2, 2], weight_decay=True)
    a, y, W, b, z = (ref(n, "j") for n in ("a2", "y", "W2", "b2", "z2"))
    assert W.name
    assert written(entry("a2", j) - entry("y", j), system) == t.sub(a, y)
    assert written(1 - entry("a2", j), system) == t.sub(t.ONE, a)
    assert written(ell + 1) == t.add(t.Idx("l"), t.ONE)
    assert written(ell - 1) == t.sub(t.Idx("l"), t.ONE)
    forward = sp.Sum(entry("W2", j, k) * entry("a1", k), (k, 1, 2)) + entry("b2", j)
    weighted = t.Sum(t.mul(ref("W2", "j", "k"), ref("a1", "k")), t.Idx("k"), t.num(1), t.num(2))
    assert written(forward, system) == t.add(weighted, b)
    slope = sp.Function("sigmoid'", real=True)(entry("z2", j))
    assert written(slope * entry("d.a2", j), system) == t.mul(
        ref("d.a2", "j"), t.Call("sigmoid", (z,), 1)
    )
    half = sp.Rational(1, 2) * (entry("a2", j) - entry("y", j)) ** 2
    assert written(half, system) == t.mul(t.Div(t.ONE, t.num(2)), t.Pow(t.sub(a, y), t.num(2)))
    decay = entry("lambda") * entry("W2", j, k) / size("m")
    assert written(decay, system) == t.mul(t.Div(ref("lambda"), t.Idx("m")), ref("W2", "j", "k"))


def test_entries_are_counted_as_numbers() -> None:
    """W[1,2] before W[1,10]."""
    terms = [entry("W1", 1, i) for i in (10, 2, 1)]
    found = written(sp.Add(*terms))
    assert [f.indices[1] for f in found.children()] == [t.num(1), t.num(2), t.num(10)]
