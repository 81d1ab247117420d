"""The package as a library: what a notebook shows, own objects, own equations."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symbackprop as sb
from symbackprop.errors import SymbackpropError, UnknownName


def test_every_public_name_is_there_and_stays_there() -> None:
    """Twice, and after all subpackages are loaded: a folder of the same name hides nothing."""
    sb.export_source("2-2", "numpy")
    sb.verify("$$J = w^2$$")
    for _ in range(2):
        for name in sb.__all__:
            assert callable(getattr(sb, name)), name
    with pytest.raises(AttributeError):
        _ = sb.no_such_name


def test_a_derivation_shows_itself() -> None:
    shown = sb.derive("chang-neuron")._repr_mimebundle_()
    assert set(shown) >= {"text/plain", "text/markdown"}
    assert "proved" in shown["text/plain"]
    assert shown["text/markdown"].startswith("# ")


def test_a_gradient_shows_itself_and_expands() -> None:
    d = sb.derive(sb.mlp([2, 2, 2], activation="sigmoid", cost="bce"), notation="chang")
    g = d.gradient("w_{11,x}")
    shown = g._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/latex", "text/markdown"}
    assert r"\frac{\partial J}{\partial w_{11,x}} =" in shown["text/latex"]
    assert any("d." in str(a) for a in g.expression.atoms(sp.Indexed))
    assert not any("d." in str(a) for a in g.expanded().atoms(sp.Indexed))


def test_a_symbol_that_names_nothing() -> None:
    d = sb.derive("chang")
    for symbol in ("q_7", "", "\\frac{", "1 + 1", "w_{99,x}", "__import__('os')"):
        with pytest.raises(SymbackpropError):
            d.gradient(symbol)


def test_own_activation_and_cost() -> None:
    z = sp.Symbol("z", real=True)
    bent = sb.Activation("bent", (sp.sqrt(z**2 + 1) - 1) / 2 + z)
    net = sb.mlp([2, 2], activation=bent, cost="half-sse")
    assert sb.derive(net).counts["proved"] > 5
    assert sb.gradcheck(net).worst < 1e-9


def test_a_system_of_sympy_equations() -> None:
    w, x, z = sp.IndexedBase("w"), sp.IndexedBase("x"), sp.IndexedBase("z")
    i, j = sp.symbols("i j", integer=True)
    cost = sp.Symbol("J")
    net = sb.system_from_eqs(
        [sp.Eq(z[j], sp.Sum(w[j, i] * x[i], (i, 1, 2))), sp.Eq(cost, sp.Sum(z[j] ** 2, (j, 1, 3)))],
        cost="J", inputs=["x"], ranges={j: 3},
    )  # fmt: skip
    assert sb.derive(net).counts["proved"] > 0
    numbers = {"w": np.arange(6.0).reshape(3, 2), "x": np.array([1.0, -2.0])}
    gradient = sb.lambdify(net).gradient(numbers)["w"]
    assert np.allclose(gradient, 2 * np.outer(numbers["w"] @ numbers["x"], numbers["x"]))


def test_judging_one_formula() -> None:
    right = sb.judge(r"\frac{\partial J}{\partial w_1} = (n_{out} - y) x_1", network="chang-neuron")
    wrong = sb.judge(r"\frac{\partial J}{\partial w_1} = (y - n_{out}) x_1", network="chang-neuron")
    assert right.kind == "proved"
    assert wrong.kind == "refuted"
    with pytest.raises(UnknownName):
        sb.judge("J = 1", network="chagn")
    with pytest.raises(SymbackpropError):
        sb.judge("", network="chang")


def test_verifying_a_text() -> None:
    report = sb.verify(
        "The cost: $$J = \\frac12 (a-y)^2$$ and $$\\frac{\\partial J}{\\partial a} = y - a$$"
    )
    assert report.has_findings()


def test_the_notation_of_a_name_is_that_of_a_built_in_only() -> None:
    """A stranger's network called 'chang' is not written in Chang's letters unasked."""
    net = sb.mlp([3, 3, 1], activation="sigmoid", cost="half-sse", name="chang")
    assert sb.derive(net).notation.name == "default"
    assert sb.derive("chang").notation.name == "chang"
