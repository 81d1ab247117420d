"""Softmax outputs and residual blocks, told neuron by neuron."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbackprop import api
from symbackprop.api import derive
from symbackprop.api.deriving import Derivation
from symbackprop.derivation.neuron import skip
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.errors import FalseStatement
from symbackprop.formula.latex_reader import read
from symbackprop.formula.normal import canonical
from symbackprop.networks import mlp
from symbackprop.networks.skip import residual
from symbackprop.notation import reading_hints, to_meant
from symbackprop.system.model import System


def says(derivation: Derivation, latex: str) -> bool:
    """Whether one chain has all members of the statement."""
    (chain,) = read(latex, reading_hints(derivation.notation, derivation.system))
    wanted = {canonical(to_meant(m, derivation.notation, derivation.system)) for m in chain.members}
    chains = [c for step in derivation.told.steps() for c in step.statements]
    return any(wanted <= {canonical(m) for m in c.members} for c in chains)


def all_proved(derivation: Derivation) -> bool:
    return set(derivation.counts) <= {"proved", "definition"}


SOFTMAX = [
    ("2-3-2", "default", r"\frac{\partial J}{\partial W_{11}^{(2)}} = (a_1^{(2)} - y_1) a_1^{(1)}"),
    ("2-2", "chang", r"\frac{\partial J}{\partial w_{11,x}} = (n_{11(out)} - z_1) x"),
    ("2-3-2", "lee", r"\frac{\partial C}{\partial w_7} = (y_1 - \hat{y}_1) a_1"),
    ("2-3-2", "nielsen", r"\frac{\partial C}{\partial w_{11}^3} = (a_1^3 - y_1) a_1^2"),
    ("2-3-2", "ufldl", r"\delta_1^{(3)} = -(y_1 - a_1^{(3)})"),
    (
        "2-3-2",
        "csdn",
        r"\frac{\partial E_{total}}{\partial W11} = -(Y1 - O1) * P1",
    ),
]


@pytest.mark.parametrize(("sizes", "notation", "result"), SOFTMAX)
def test_softmax_in_every_notation(sizes: str, notation: str, result: str) -> None:
    net = api.network(sizes, cost="softmax-ce")
    derivation = derive(net, notation, ("neuron",), numbers=False)
    assert all_proved(derivation)
    assert says(derivation, result)


def test_the_jacobian_of_every_pair() -> None:
    derivation = derive("softmax-regression", views=("neuron",), numbers=False)
    for i in range(1, 4):
        for j in range(1, 4):
            a, b = f"a_{i}^{{(1)}}", f"a_{j}^{{(1)}}"
            value = f"{a} (1 - {a})" if i == j else f"-{a} {b}"
            assert says(derivation, rf"\frac{{\partial {a}}}{{\partial z_{j}^{{(1)}}}} = {value}")
    whole = r"e^{z_1^{(1)}} + e^{z_2^{(1)}} + e^{z_3^{(1)}}"
    assert says(
        derivation,
        r"\frac{\partial a_2^{(1)}}{\partial z_1^{(1)}}"
        rf" = -\frac{{e^{{z_2^{{(1)}}}} e^{{z_1^{{(1)}}}}}}{{({whole})^2}}",
    )


def test_the_fact_is_named_where_it_is_used() -> None:
    derivation = derive("softmax-regression", views=("neuron",), numbers=False)
    (step,) = (s for s in derivation.told.steps() if s.rule == "use fact")
    assert step.facts == ("sums to 1",)
    assert says(derivation, "y_1 + y_2 + y_3 = 1")


def without_fact() -> System:
    net = mlp([2, 3], cost="softmax-ce")
    quantities = (
        replace(q, facts=frozenset()) if q.role == "target" else q for q in net.quantities
    )
    return replace(net, quantities=tuple(quantities))


def test_without_the_fact_the_sum_of_the_targets_stays() -> None:
    derivation = derive(without_fact(), views=("neuron",), numbers=False)
    assert all_proved(derivation)
    assert not any(s.rule == "use fact" for s in derivation.told.steps())
    assert says(
        derivation,
        r"\frac{\partial J}{\partial z_1^{(1)}} = a_1^{(1)} (y_1 + y_2 + y_3) - y_1",
    )


def test_a_fact_that_nobody_stated_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tale, "sums_to_one", True)
    with pytest.raises(FalseStatement):
        derive(without_fact(), views=("neuron",), numbers=False)


@pytest.mark.parametrize("notation", ["default", "nielsen", "ufldl"])
def test_two_ways_into_the_sum(notation: str) -> None:
    derivation = derive(residual(), notation, ("neuron",), numbers=False)
    assert all_proved(derivation)
    first = {
        "default": r"\frac{\partial J}{\partial a_1^{(1)}} = \delta_1^{(3)}"
        r" + W_{11}^{(2)} \delta_1^{(2)} + W_{21}^{(2)} \delta_2^{(2)}",
        "nielsen": r"\frac{\partial C}{\partial a_1^2} = \delta_1^4"
        r" + w_{11}^3 \delta_1^3 + w_{21}^3 \delta_2^3",
        "ufldl": r"\frac{\partial J(W, b; x, y)}{\partial a_1^{(2)}} = \delta_1^{(4)}"
        r" + W_{11}^{(2)} \delta_1^{(3)} + W_{21}^{(2)} \delta_2^{(3)}",
    }
    assert says(derivation, first[notation])


def test_a_way_around_that_is_forgotten_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def through_only(tale: Tale, a: object) -> object:
        from symbackprop.derivation.algebra import plus, times

        return plus(*(times(tale.local(z, a), tale.error(z)) for z in tale.receivers(a)))  # type: ignore[arg-type]

    monkeypatch.setattr(skip, "exit_error", through_only)
    with pytest.raises(FalseStatement):
        derive("residual", views=("neuron",), numbers=False)


def test_all_ways_as_one_list_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum over z and r together would count the way through the block twice."""
    monkeypatch.setattr(Tale, "skips", lambda self, a: ())
    monkeypatch.setattr(Tale, "receivers", lambda self, n: self.graph.users.get(n, ()))
    with pytest.raises(FalseStatement):
        derive("residual", views=("neuron",), numbers=False)


def test_the_identity_is_called_by_its_name() -> None:
    net = mlp([2, 2, 2], output_activation="identity", cost="half-sse")
    text = derive(net, views=("neuron",), numbers=False).text("md")
    assert "Identity." in text
    assert "oftmax" not in text


@pytest.mark.parametrize("name", ["softmax-regression", "residual"])
def test_formula_and_difference_agree(name: str) -> None:
    text = derive(name).text("md")
    head, _, *rows = text[text.index("\n| parameter |") + 1 :].split("\n\n")[0].splitlines()
    names, *cells = [[c.strip() for c in row.strip("|").split("|")] for row in (head, *rows)]
    formula, difference = names.index("by formula"), names.index("by difference")
    checked = [(row[formula], row[difference]) for row in cells]
    assert len(checked) >= 12
    assert all(abs(float(a) - float(b)) <= 2e-6 for a, b in checked)
