"""Adjacent members differ by exactly the rule that the link names: checked outside narrator, engine and judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from symbackprop.derivation.narrate import narrate
from symbackprop.derivation.steps import RULES, Derivation
from symbackprop.networks import find, generic_mlp, mlp
from symbackprop.networks.builtins import BUILTINS
from symbackprop.notation import find as find_notation
from symbackprop.system.model import System

from .links import Link, links, unexplained
from .normal_form import normal
from .rules import RULES as REPLAYED


def told(
    system: System | str, notation: str | None = None, views: tuple[str, ...] | None = None
) -> Derivation:
    system = find(system) if isinstance(system, str) else system
    book = find_notation(notation or system.about.notation or "default")
    return narrate(system, book, views, None)


LONG = ("elman", "residual", "ufldl-4", "ufldl-any")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in sorted(BUILTINS)],
)
def test_every_link_of_a_built_in(name: str) -> None:
    assert unexplained(told(name)) == []


PAIRS = [
    (activation, cost)
    for activation in (
        [
            "identity",
            "sigmoid",
            "tanh",
            "relu",
            "leaky-relu",
            "elu",
            "softplus",
            "silu",
            "gelu-tanh",
            "sin",
            "exp",
            "f",
        ]
    )
    for cost in ("half-sse", "mae", "huber")
] + [("sigmoid", "bce"), ("sigmoid", "poisson"), ("tanh", "hinge"), ("exp", "poisson")]


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "cost"), PAIRS)
def test_every_link_for_each_activation_and_cost(activation: str, cost: str) -> None:
    assert unexplained(told(mlp([2, 2, 2], activation=activation, cost=cost), "chang")) == []


@pytest.mark.slow
@pytest.mark.parametrize("notation", ["default", "ufldl", "nielsen", "lee", "csdn"])
@pytest.mark.parametrize("bias", ["unit", "layer", "none"])
def test_every_link_in_each_notation(notation: str, bias: str) -> None:
    network = mlp([2, 3, 2], activation="tanh", cost="half-sse", bias=bias)
    assert unexplained(told(network, notation)) == []


@pytest.mark.slow
@pytest.mark.parametrize("notation", ["default", "nielsen", "ufldl"])
def test_every_link_of_all_views(notation: str) -> None:
    views = ("neuron", "index", "matrix")
    for network in (
        mlp([2, 3, 2], activation="relu", cost="mse"),
        mlp([2, 3, 3], activation="tanh", cost="softmax-ce"),
        mlp([3, 2, 3, 2], activation="sigmoid", cost="bce"),
    ):
        assert unexplained(told(network, notation, views)) == []


@pytest.mark.slow
@pytest.mark.parametrize("cost", ["half-sse", "bce"])
def test_every_link_at_any_depth(cost: str) -> None:
    assert unexplained(told(generic_mlp(activation="sigmoid", cost=cost), "nielsen")) == []


# --- the check can fail -----------------------------------------------------------------------------

MERGED = {
    ("local derivative", "bracket picks"),  # only the picked term of a sum depends on the entry
    ("local derivative", "cancel"),  # 1/2 2 x: numbers
    ("local derivative", "one fraction"),  # the quotient rule, or the product rule
    ("one fraction", "cancel"),  # a sum of fractions taken apart with its least denominators
    ("copies", "bracket picks"),
    ("rewrite", "definition"),  # an identity of a function, by any of its names
}
"""Pairs of rules of which the first is stated so widely that it can take the second along."""


def joined(name: str) -> Iterator[tuple[Link, Link]]:
    """Pairs of adjacent links by two different rules, of which nothing was printed before."""
    previous: Link | None = None
    for link in links(told(name)):
        if (
            previous is not None
            and previous.chain is link.chain
            and link.place == previous.place + 1
            and previous.rule != link.rule
            and not {previous.rule, link.rule} & {"name", "reorder", "likewise"}
            and not previous.said_again
            and not replace(previous, after=link.after).said_again
        ):
            yield previous, link
        previous = link


@pytest.mark.parametrize("name", ["chang", "nielsen", "csdn", "softmax-regression"])
def test_a_left_out_line_is_seen(name: str) -> None:
    """Without the member between two rules, neither rule leads across."""
    seen = 0
    for first, second in joined(name):
        if (first.rule, second.rule) in MERGED:
            continue
        for rule in {first.rule, second.rule}:
            assert not replace(first, after=second.after, rule=rule).follows, (
                str(first),
                str(second),
                rule,
            )
        seen += 1
    assert seen >= 5


def test_a_wrong_name_is_seen() -> None:
    """Most links follow by one rule only: under another name they are reported."""
    wrong = right = 0
    for link in links(told("chang")):
        if link.before == link.after or link.said_again:
            continue
        others = set(REPLAYED) - {link.rule, "likewise", "name"}
        wrong += sum(replace(link, rule=rule).follows for rule in others)
        right += 1
    assert right > 60
    assert wrong < right  # of thirteen other rules, less than one on average


def test_a_changed_member_is_seen() -> None:
    """A factor left out of a member: no rule leads to it."""
    seen = 0
    for link in links(told("chang")):
        member = link.chain.members[link.place + 1]
        if link.rule not in ("substitute", "cancel", "collect", "chain rule"):
            continue
        factors = getattr(member, "factors", ())
        if len(factors) < 2:
            continue
        spoilt = normal(replace(member, factors=factors[:-1]))
        changed = replace(link, after=spoilt)
        assert not changed.follows, str(link)
        seen += 1
    assert seen > 10


def test_the_names_are_known() -> None:
    assert set(REPLAYED) <= set(RULES)
    for name in BUILTINS:
        for step in told(name).steps():
            for statement in step.statements:
                assert set(step.rules_of(statement)) <= set(RULES)
