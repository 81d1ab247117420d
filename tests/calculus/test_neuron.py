"""The neuron view: equations and gradients as written by hand, and as measured."""

from __future__ import annotations

import mpmath as mp
import pytest

from symbackprop.calculus.neuron import NeuronSystem, scalarize
from symbackprop.errors import SpecError, TooLarge
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula, ref
from symbackprop.networks.builtins import find, names
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp
from symbackprop.networks.recurrent import elman

from .arrays import Arrays
from .oracle import Net

SMALL = mp.mpf(10) ** -18
SIZES = {"s": [2, 3, 2, 2], "L": 3, "m": 2, "T": 3, "H": 2, "D": 4, "K": 3}


def W(name: str, *at: int) -> Formula:
    return ref(name, *at)


@pytest.fixture(scope="module")
def chang() -> NeuronSystem:
    return scalarize(mlp([2, 2, 2], cost="bce"))


def test_equations_read_as_written(chang: NeuronSystem) -> None:
    """Weights first, the bias last, senders counted up."""
    assert chang.nodes["z2", (1,)].equation == t.add(
        t.mul(W("W2", 1, 1), W("a1", 1)), t.mul(W("W2", 1, 2), W("a1", 2)), W("b2", 1)
    )
    assert chang.nodes["a2", (1,)].equation == t.Call("sigmoid", (W("z2", 1),))
    assert chang.nodes["x", (1,)].equation is None


def test_all_twelve_derivatives_in_delta_form(chang: NeuronSystem) -> None:
    """Error at the entrance of the receiver times what the sender sent."""
    senders = {1: "x", 2: "a1"}
    count = 0
    for layer, sender in senders.items():
        for j in (1, 2):
            assert chang.gradient((f"b{layer}", (j,))) == W(f"d.z{layer}", j)
            for k in (1, 2):
                expected = t.mul(W(f"d.z{layer}", j), W(sender, k))
                assert chang.gradient((f"W{layer}", (j, k))) == expected
                count += 1
    assert len(chang.gradients()) == 12
    assert count == 8


def test_errors_of_the_passage(chang: NeuronSystem) -> None:
    assert chang.gradient(("z2", (1,))) == t.sub(W("a2", 1), W("y", 1))
    assert chang.gradient(("a1", (1,))) == t.add(
        t.mul(W("W2", 1, 1), W("d.z2", 1)), t.mul(W("W2", 2, 1), W("d.z2", 2))
    )
    assert chang.gradient(("z1", (2,))) == t.mul(W("d.a1", 2), W("a1", 2), t.sub(t.ONE, W("a1", 2)))


def test_the_errors_come_output_first_and_count_up(chang: NeuronSystem) -> None:
    assert chang.errors == tuple((name, (j,)) for name in ("a2", "z2", "a1", "z1") for j in (1, 2))


def test_predecessors_and_successors(chang: NeuronSystem) -> None:
    """Every path from a hidden neuron to the cost meets exactly one of the two pre-activations."""
    hidden = chang.nodes["a1", (1,)]
    assert hidden.predecessors == (("z1", (1,)),)
    assert hidden.successors == (("z2", (1,)), ("z2", (2,)))
    assert chang.nodes["W1", (2, 1)].successors == (("z1", (2,)),)
    order = list(chang.nodes)
    for key, node in chang.nodes.items():
        assert all(order.index(p) < order.index(key) for p in node.predecessors)


@pytest.mark.parametrize("name", names())
def test_every_formula_of_a_built_in_is_true(name: str) -> None:
    """Equations give the values, gradients the measured derivatives."""
    system = find(name)
    neurons = scalarize(system, SIZES)
    net = Net(system, SIZES)
    arrays = Arrays(net, "columns", "receiver")
    assert set(neurons.nodes) == set(net.given) | set(net.rule)
    for key, node in neurons.nodes.items():
        if node.equation is not None:
            assert abs(arrays.value(node.equation, {}) - net.value(key)) < SMALL, key
    for key in (*neurons.errors, *neurons.parameters):
        assert abs(arrays.value(neurons.gradient(key), {}) - net.slope(key)) < SMALL, key


def test_a_wrong_formula_would_be_seen() -> None:
    """A mutant: the gradient of one weight with its two indices exchanged."""
    system = mlp([2, 2, 2])
    net, neurons = Net(system), scalarize(system)
    arrays = Arrays(net, "columns", "receiver")
    wrong = arrays.value(neurons.gradient(("W2", (1, 2))), {})
    assert abs(wrong - net.slope(("W2", (2, 1)))) > SMALL


def test_recurrence_is_unrolled() -> None:
    neurons = scalarize(elman(), {"T": 2, "H": 1, "D": 1, "K": 2})
    assert neurons.gradient(("U", (1, 1))) == t.add(
        t.mul(W("d.z", 1, 1), W("h", 0, 1)), t.mul(W("d.z", 2, 1), W("h", 1, 1))
    )
    last = neurons.gradient(("h", (2, 1)))
    assert all(r.name != "d.z" for r in last.walk() if isinstance(r, t.Ref))


def test_work_grows_with_the_edges() -> None:
    for sizes, edges in (([10, 10], 110), ([30, 30, 10], 1240)):
        gradients = scalarize(mlp(sizes)).gradients()
        assert len(gradients) == edges
        assert all(sum(1 for _ in g.walk()) <= 7 for g in gradients.values())


@pytest.mark.parametrize(
    ("system", "sizes"),
    [
        (mlp([10**9, 10, 2]), {}),
        (mlp([10**5, 10**5, 2]), {}),
        (elman(), {"T": 10**9, "H": 1, "D": 1, "K": 1}),
        (generic_mlp(), {"L": 10**9, "s": [2, 2]}),
        (generic_mlp(), {"L": 2, "s": [10**6, 10**6, 2]}),
    ],
    ids=["wide", "both wide", "long", "deep", "generic and wide"],
)
def test_absurd_sizes_are_refused(system: object, sizes: dict[str, object]) -> None:
    with pytest.raises(TooLarge, match="neuron view"):
        scalarize(system, sizes)  # type: ignore[arg-type]


def test_a_size_without_a_number_is_named() -> None:
    with pytest.raises(SpecError, match="'T' has no number"):
        scalarize(elman(), {"H": 1, "D": 1, "K": 1})
