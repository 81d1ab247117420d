"""An error planted in the engine or the narrator: the judge stops it, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from symbackprop.api import derive
from symbackprop.calculus import sweep
from symbackprop.derivation import algebra, batch, costs, differentiate, functions, graph
from symbackprop.derivation.index import layers, softmax
from symbackprop.derivation.matrix import layered
from symbackprop.derivation.neuron import hidden, tale
from symbackprop.errors import FalseStatement
from symbackprop.formula import tree as t
from symbackprop.networks import elman, mlp, residual, softmax_regression
from symbackprop.system.model import System

Patch = pytest.MonkeyPatch


def square() -> System:
    """2-2-2: all shapes agree, so only the values can show an error."""
    return mlp([2, 2, 2], "sigmoid", cost="bce")


def plain_tanh() -> System:
    return mlp([2, 2, 2], "tanh", cost="half-sse")


def decayed() -> System:
    return mlp([2, 2, 2], "sigmoid", cost="half-sse", weight_decay=True, reduction="mean")


# --- the mutants --------------------------------------------------------------------------------


def sign_in_a_derivative(patch: Patch) -> None:
    """d log u = -u'/u."""
    right = differentiate._call
    patch.setattr(differentiate, "_call", lambda f, by: algebra.negative(right(f, by)))


def sign_of_a_reciprocal(patch: Patch) -> None:
    """d(1/u) = +u'/u^2."""
    right = differentiate._quotient
    patch.setattr(differentiate, "_quotient", lambda f, by: algebra.negative(right(f, by)))


def lost_exponent(patch: Patch) -> None:
    """d u^2 = u u'."""

    def wrong(f: t.Pow, by: t.Formula) -> t.Formula:
        return algebra.times(f.base, differentiate.derivative(f.base, by))

    patch.setattr(differentiate, "_power", wrong)


def slope_with_a_plus(patch: Patch) -> None:
    """sigma' = a(1 + a)."""
    right = functions.WrittenFunction.slope_by_value

    def wrong(self: Any, value: t.Formula, argument: t.Formula) -> t.Formula | None:
        found = right(self, value, argument)
        return None if found is None else found.rewrite(_plus)

    patch.setattr(functions.WrittenFunction, "slope_by_value", wrong)


def _plus(node: t.Formula) -> t.Formula | None:
    if isinstance(node, t.Add):
        return t.Add(tuple(x.body if isinstance(x, t.Neg) else x for x in node.terms))
    return None


def missing_path(patch: Patch) -> None:
    """One of the paths from a hidden neuron to the cost is forgotten."""
    right = tale.Tale.receivers
    patch.setattr(
        tale.Tale,
        "receivers",
        lambda self, node: (
            right(self, node)[:1] if self.graph.role(node) == "activation" else right(self, node)
        ),
    )


def path_counted_twice(patch: Patch) -> None:
    right = hidden.exit_error

    def wrong(told: tale.Tale, a: t.Ref) -> t.Formula:
        found = right(told, a)
        return algebra.plus(found, *algebra.terms_of(found)[:1])

    patch.setattr(hidden, "exit_error", wrong)


def swapped_index_in_the_graph(patch: Patch) -> None:
    """W2[j,k] where W2[k,j] belongs."""
    right = graph._instantiate

    def wrong(equation: Any, system: System, into: dict[t.Ref, t.Formula]) -> None:
        here: dict[t.Ref, t.Formula] = {}
        right(equation, system, here)
        into.update({node: formula.rewrite(_swapped) for node, formula in here.items()})

    patch.setattr(graph, "_instantiate", wrong)


def _swapped(node: t.Formula) -> t.Formula | None:
    if isinstance(node, t.Ref) and node.name == "W2":
        return t.Ref("W2", node.indices[::-1])
    return None


def wrong_cancellation(patch: Patch) -> None:
    """A factor is struck out below but not above."""
    right = algebra.cancel

    def wrong(*factors: t.Formula) -> tuple[t.Formula, tuple[t.Formula, ...]]:
        result, struck = right(*factors)
        return algebra.times(result, *struck), struck

    patch.setattr(tale, "cancel", wrong)


def wrong_common_denominator(patch: Patch) -> None:
    right = algebra.one_fraction

    def wrong(formula: t.Formula) -> t.Formula:
        found = right(formula)
        return t.Div(_flipped(found.num), found.den) if isinstance(found, t.Div) else found

    patch.setattr(costs, "one_fraction", wrong)


def _flipped(formula: t.Formula) -> t.Formula:
    """The sign of the first term changed."""
    first, *rest = algebra.terms_of(formula)
    return algebra.plus(algebra.negative(first), *rest)


def lost_transpose(patch: Patch) -> None:
    """W delta for W^T delta: the right shape in a square network, and wrong."""
    patch.setattr(
        layered,
        "Transpose",
        lambda body: body if body.name.startswith(("W", "w")) else t.Transpose(body),
    )


def untransposed_entries(patch: Patch) -> None:
    """The explicit matrix of the backward product, rows and columns not exchanged."""
    right = layers.Layers.w

    def wrong(self: Any, layer: t.Formula, j: t.Formula, k: t.Formula) -> t.Ref:
        return right(self, layer, k, j)

    patch.setattr(layers.Layers, "w", wrong)


def error_of_the_same_layer(patch: Patch) -> None:
    """delta^l where delta^(l+1) belongs."""
    patch.setattr(layers.Layers, "after", lambda self, layer: layer)


def forgotten_slope(patch: Patch) -> None:
    patch.setattr(layers.Layers, "slope", lambda self, layer, j: t.ONE)


def sign_in_the_sweep(patch: Patch) -> None:
    right = sweep._contributions

    def wrong(*args: Any) -> Any:
        return [replace(c, contracted=-c.contracted) for c in right(*args)]

    patch.setattr(sweep, "_contributions", wrong)


def missing_use_in_the_sweep(patch: Patch) -> None:
    """Only the first equation that uses a quantity is counted: no way through time, no skip."""
    right = sweep._uses
    patch.setattr(sweep, "_uses", lambda system: {k: v[:1] for k, v in right(system).items()})


def swapped_index_in_the_sweep(patch: Patch) -> None:
    """The two indices of every square array exchanged in what the sweep returns."""
    right = sweep._contributions

    def turned(expr: sp.Expr) -> sp.Expr:
        entries = {
            e: e.base[tuple(reversed(e.indices))]
            for e in expr.atoms(sp.Indexed)
            if len(e.indices) == 2 and e.base.label.name.startswith("W")
        }
        return expr.xreplace(entries)

    def wrong(*args: Any) -> Any:
        return [replace(c, contracted=turned(c.contracted)) for c in right(*args)]

    patch.setattr(sweep, "_contributions", wrong)


def softmax_without_cross_terms(patch: Patch) -> None:
    """The Jacobian as if each output depended on its own input only: p_j [j = i]."""
    patch.setattr(softmax, "Mul", lambda factors: t.Mul((factors[0], factors[1].terms[0])))


def decay_forgotten(patch: Patch) -> None:
    right = batch._gradient

    def wrong(*args: Any) -> t.Formula:
        found = right(*args)
        return algebra.terms_of(found)[0]

    patch.setattr(batch, "_gradient", wrong)


def mean_forgotten(patch: Patch) -> None:
    """The sum over the samples where the cost is their mean."""
    right = batch._gradient
    patch.setattr(
        batch, "_gradient", lambda b, q, node, one, n, factor: right(b, q, node, one, n, t.ONE)
    )


PLANTED: list[
    tuple[Callable[[Patch], None], Callable[[], System], str | None, tuple[str, ...] | None]
] = [
    (sign_in_a_derivative, square, "chang", None),
    (sign_of_a_reciprocal, square, "chang", None),
    (lost_exponent, plain_tanh, None, None),
    (slope_with_a_plus, square, "chang", None),
    (missing_path, square, "chang", None),
    (path_counted_twice, square, None, None),
    (swapped_index_in_the_graph, square, "chang", None),
    (wrong_cancellation, square, "lee", None),
    (wrong_common_denominator, square, "lee", None),
    (lost_transpose, square, None, ("matrix",)),
    (untransposed_entries, square, None, ("matrix",)),
    (untransposed_entries, square, "nielsen", ("index",)),
    (error_of_the_same_layer, square, None, ("matrix",)),
    (error_of_the_same_layer, square, None, ("index",)),
    (forgotten_slope, square, "ufldl", ("index",)),
    (sign_in_the_sweep, elman, None, None),
    (missing_use_in_the_sweep, elman, None, None),
    (missing_use_in_the_sweep, residual, None, None),
    (swapped_index_in_the_sweep, lambda: residual(2, 2, 2), None, None),
    (softmax_without_cross_terms, lambda: softmax_regression(3, 3), None, None),
    (decay_forgotten, decayed, None, None),
    (mean_forgotten, decayed, None, None),
]


@pytest.mark.parametrize(
    ("plant", "network", "notation", "views"),
    PLANTED,
    ids=[f"{p[0].__name__}-{i}" for i, p in enumerate(PLANTED)],
)
def test_the_judge_stops_it(
    plant: Callable[[Patch], None],
    network: Callable[[], System],
    notation: str | None,
    views: tuple[str, ...] | None,
    monkeypatch: Patch,
) -> None:
    system = network()
    plant(monkeypatch)
    with pytest.raises(FalseStatement) as caught:
        derive(system, notation, views, numbers=False)
    assert any(f"verdict: {kind}" in str(caught.value) for kind in ("refuted", "ill_formed"))


@pytest.mark.slow
def test_the_same_networks_without_an_error_are_accepted() -> None:
    """The other half of the experiment: without a planted error nothing is refused."""
    for _, network, notation, views in PLANTED[:16]:
        derive(network(), notation, views, numbers=False)


def test_nothing_is_written(tmp_path: Path, monkeypatch: Patch) -> None:
    missing_path(monkeypatch)
    with pytest.raises(FalseStatement):
        derive("chang").save(tmp_path)
    assert not list(tmp_path.iterdir())
