"""Networks that no source document has: the same kinds of chains, in every notation, all accepted.

And every admissible pair of activation and cost, every kind of bias, decay, batch and depth.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from symbackprop.api import derive
from symbackprop.api.deriving import Derivation
from symbackprop.derivation.narrate import VIEWS
from symbackprop.errors import NotationError, SpecError, SymbackpropError, TooLarge, UnknownName
from symbackprop.networks import find, generic_mlp, mlp
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.costs import COSTS
from symbackprop.notation import find as find_notation
from symbackprop.notation.registry import names as notations
from symbackprop.system.model import System

STRANGERS = {
    "3-2-2 tanh": lambda: mlp([3, 2, 2], "tanh", cost="half-sse"),
    "2-3-2-1 relu": lambda: mlp([2, 3, 2, 1], "relu", cost="half-sse"),
    "4-3 linear": lambda: mlp([4, 3], "identity", cost="mse"),
    "3-4-2 sigmoid": lambda: mlp([3, 4, 2], "sigmoid", cost="bce"),
}

OUTSIDE = {
    ("2-3-2-1 relu", "lee"),
    ("2-3-2-1 relu", "csdn"),
    ("4-3 linear", "csdn"),
}
"""Lee's letters name two weight layers, those of the csdn text exactly one hidden layer."""

NEURON = {  # what every neuron view must tell: (rule, topic)
    ("definition", "forward layer"),
    ("definition", "cost"),
    ("local derivative", "weighted sum"),
    ("chain rule", "one path"),
    ("result", "errors of layer"),
    ("update", "update put"),
    ("update", "update explicit"),
}
HIDDEN = {
    ("chain rule", "all paths"),
    ("substitute", "hidden errors"),
    ("name", "name hidden error"),
    ("collect", "other route"),
}
INDEX = {
    ("local derivative", "bracket"),
    ("bracket picks", "bracket sum"),
    ("chain rule", "bp1"),
    ("bracket picks", "bp4"),
}
INDEX_HIDDEN = {("chain rule", "bp2 chain"), ("collect", "bp2 collect")}
MATRIX = {
    ("lift to matrix", "matrix forward"),
    ("lift to matrix", "matrix output"),
    ("lift to matrix", "matrix gradients"),
}
MATRIX_HIDDEN = {("lift to matrix", "transpose whole"), ("lift to matrix", "matrix backward")}

KINDS = {
    "neuron": (NEURON, HIDDEN),
    "index": (INDEX, INDEX_HIDDEN),
    "matrix": (MATRIX, MATRIX_HIDDEN),
}


def kinds(derivation: Derivation) -> set[tuple[str, str]]:
    return {(step.rule, step.topic) for step in derivation.told.steps()}


def accepted(derivation: Derivation) -> bool:
    verdicts = [v for step in derivation.told.steps() for v in step.verdicts]
    judged = [c for step in derivation.told.steps() if step.judged for c in step.statements]
    return len(verdicts) == len(judged) > 0 and all(v.accepted for v in verdicts)


@pytest.mark.parametrize("notation", sorted(set(notations()) - {"chang-neuron"}))
@pytest.mark.parametrize(
    "network",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name != "3-2-2 tanh" else [])
        for name in sorted(STRANGERS)
    ],
)
def test_a_network_of_no_source_in_every_notation(network: str, notation: str) -> None:
    system = STRANGERS[network]()
    if (network, notation) in OUTSIDE:
        with pytest.raises(NotationError, match="cannot write this network"):
            derive(system, notation)
        return
    views = find_notation(notation).views
    derivation = derive(system, notation, views)
    assert accepted(derivation)
    found = kinds(derivation)
    wanted = set[tuple[str, str]]()
    for view in views:
        shallow, deep = KINDS[view]
        wanted |= shallow | (deep if len(system.about.widths) > 2 else set())
    assert wanted <= found, wanted - found
    for format_ in ("md", "tex", "json"):
        assert derivation.text(format_)


def test_the_kinds_are_those_of_a_network_of_a_source() -> None:
    """3-2-2 tells what 2-2-2 of the same source tells, no less."""
    ours = kinds(derive(mlp([3, 2, 2], "sigmoid", cost="bce"), "chang"))
    theirs = kinds(derive("chang"))
    assert ours == theirs


# --- every activation with every cost ---------------------------------------------------------------

EVERYDAY = {
    ("sigmoid", "bce"),
    ("tanh", "half-sse"),
    ("relu", "mse"),
    ("identity", "mae"),
    ("softplus", "poisson"),
    ("sigmoid", "softmax-ce"),
    ("identity", "hinge"),
    ("silu", "huber"),
}
"""Pairs of the everyday tests: each cost once; the others are slow together."""


def pairs() -> list[Any]:
    found = []
    for cost in sorted(COSTS):
        for activation in sorted(ACTIVATIONS):
            try:
                find("2-2-2", activation=activation, cost=cost)
            except SpecError:
                continue
            marks = [] if (activation, cost) in EVERYDAY else [pytest.mark.slow]
            found.append(pytest.param(activation, cost, marks=marks))
    return found


@pytest.mark.parametrize(("activation", "cost"), pairs())
def test_every_admissible_pair(activation: str, cost: str) -> None:
    derivation = derive(find("2-2-2", activation=activation, cost=cost), numbers=True)
    assert accepted(derivation)
    assert set(derivation.counts) <= {"proved", "definition"}, derivation.counts
    assert derivation.text("md")
    assert derivation.text("tex")


def test_many_pairs_are_admissible() -> None:
    """The parametrisation above is not empty by mistake."""
    assert len(pairs()) >= 60


# --- biases, decay, batches, depth ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("cost", ["bce", "half-sse", "softmax-ce"])
@pytest.mark.parametrize("bias", ["unit", "layer", "none"])
def test_bias_modes(bias: str, cost: str) -> None:
    activation = "sigmoid" if cost != "softmax-ce" else "tanh"
    assert accepted(derive(mlp([2, 3, 2], activation, cost=cost, bias=bias)))


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("samples", [None, pytest.param(3, marks=pytest.mark.slow), "m"])
@pytest.mark.parametrize("decay", [False, True])
def test_batches_and_decay(decay: bool, samples: Any, reduction: str) -> None:
    options: dict[str, Any] = {"weight_decay": decay}
    if samples is not None:
        options |= {"samples": samples, "reduction": reduction}
    derivation = derive(mlp([2, 2, 2], "sigmoid", cost="half-sse", **options))
    assert accepted(derivation)
    if samples is not None:
        assert any(step.topic == "batch derivatives" for step in derivation.told.steps())
    if decay:
        assert "lambda" in derivation.text("md")


@pytest.mark.parametrize(
    "depth", [1, 2, *(pytest.param(d, marks=pytest.mark.slow) for d in (3, 4))]
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_depths(depth: int, outputs: int) -> None:
    derivation = derive(mlp([2] * depth + [outputs], "sigmoid", cost="bce"))
    assert accepted(derivation)
    layers = {s.about.get("layer") for s in derivation.told.steps() if s.topic == "errors of layer"}
    assert layers == set(range(1, depth + 1))


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_generic_depth(activation: str) -> None:
    assert accepted(derive(generic_mlp(activation, cost="half-sse"), "nielsen"))


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: derive("chnag"), UnknownName, "chang"),
        (lambda: derive("chang", "nielson"), UnknownName, "nielsen"),
        (lambda: derive("chang", views=("neurons",)), UnknownName, "neuron"),
        (lambda: derive("chang").text("pdf"), UnknownName, "md"),
        (lambda: derive("chang").text("md", language="fr"), UnknownName, "en"),
        (lambda: derive("chang").text("md", profile="gitlab"), UnknownName, "github"),
        (lambda: derive("chang").save(".", ("doc",)), UnknownName, "tex"),
        (lambda: derive(find("1000-1000-1000"), views=("neuron",)), TooLarge, "--view index"),
        (lambda: derive(find("2-0-2")), SymbackpropError, "0"),
    ],
)
def test_a_clear_refusal(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert re.search(re.escape(said), str(caught.value)), str(caught.value)


@pytest.mark.parametrize("view", [v for v in VIEWS if v != "neuron"])
def test_absurd_sizes_are_fine_where_the_work_does_not_depend_on_them(view: str) -> None:
    system: System = mlp([10**9, 10**9, 10**9], "sigmoid", cost="bce")
    derivation = derive(system, "default", (view,))
    assert accepted(derivation)
    assert len(derivation.text("md")) < 60_000
