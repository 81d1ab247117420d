"""Activations and costs of the user's own: what cannot be differentiated is refused at once."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from symbackprop.errors import SpecError
from symbackprop.networks.activations import Activation
from symbackprop.networks.costs import Cost

OURS, OTHER, Q = sp.Symbol("z", real=True), sp.Symbol("z"), sp.Symbol("q", real=True)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (OTHER**2 / 3, "another symbol 'z'"),
        (Q * OURS, "the symbol 'q'"),
        ("z**2", "needs a SymPy expression"),
        (lambda z: z**2, "needs a SymPy expression"),
    ],
)
def test_an_activation_is_refused(expression: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Activation("mine", expression)


def test_an_activation_of_its_variable_and_constants_is_accepted() -> None:
    assert Activation("mine", OTHER**2 / 3, variable=OTHER).expression == OTHER**2 / 3
    assert Activation("mine", Q * OURS, constants={"q": 2.0}).constants == {"q": 2.0}
    assert Activation("abstract", None).expression is None


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (None, "needs a function of a and y"),
        ("a-y", "needs a function of a and y"),
        (lambda a, y: None, "needs a SymPy expression, not None"),
        (lambda a, y: "a-y", "needs a SymPy expression"),
        (lambda a, y: Q * (a - y) ** 2, "the symbol 'q'"),
        (lambda a: a, "its function of a and y fails"),
    ],
)
def test_a_cost_is_refused(term: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Cost("mine", term)


def test_a_cost_of_a_y_and_constants_is_accepted() -> None:
    assert Cost("mine", lambda a, y: Q * (a - y) ** 4, constants={"q": 2.0}).name == "mine"
