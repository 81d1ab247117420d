"""Every line of every built-in, computed again by code outside narrator, engine and judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derivation.replaying import Arrays, lines, replayed
from symbackprop.api import derive
from symbackprop.derivation.steps import RULES
from symbackprop.formula import tree as t
from symbackprop.networks.builtins import BUILTINS
from symbackprop.system.model import System

SIZES = {"L": 3, "s[0]": 2, "s[1]": 3, "s[2]": 2, "s[3]": 2, "m": 2, "T": 3, "H": 2, "D": 3, "K": 2}

SMALL = ("chang-neuron", "chang", "lee", "mazur", "softmax-regression")


def receiver_first(chain: t.Chain, system: System) -> t.Chain:
    """A statement about weights stored sender first, said of the matrices stored receiver first."""

    def is_weight(name: str) -> bool:
        return name in system.by_name and system[name].role == "weight"

    def change(node: t.Formula) -> t.Formula | None:
        if isinstance(node, t.Grad) and isinstance(node.by, t.Array):
            return t.Transpose(node) if is_weight(node.by.name) else node
        if isinstance(node, t.Array) and not node.name.startswith("d."):
            return t.Transpose(node) if is_weight(node.name) else None
        return None

    changed = chain.rewrite(change)
    assert isinstance(changed, t.Chain)
    return changed


def check(name: str) -> int:
    derivation = derive(name, numbers=False)
    oracles: dict[int, Arrays] = {}
    count = 0
    for system, step, chain in lines(derivation.told):
        assert step.rule in RULES
        if step.topic == "convention":
            # Whole batches in four layouts: tests/calculus/test_matrix.py evaluates the lift in each.
            continue
        if step.layout is not None and step.layout[1] == "sender":
            chain = receiver_first(chain, system)
            meant = tuple(receiver_first(c, system) for c in step.definitions)
            step = replace(step, definitions=meant)
        oracle = oracles.setdefault(id(system), Arrays(system, SIZES, seed=7))
        wrong = replayed(chain, step, oracle)
        assert not wrong, (step.rule, step.topic, wrong[:3])
        count += len(chain.relations)
    return count


@pytest.mark.parametrize("name", SMALL)
def test_each_line_of_a_small_network(name: str) -> None:
    assert check(name) > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(BUILTINS) - set(SMALL)))
def test_each_line_of_a_larger_network(name: str) -> None:
    assert check(name) > 10


def test_the_replay_sees_a_planted_error() -> None:
    """The check can fail: a changed sign in any line of the output weight's chain is reported."""
    derivation = derive("chang", numbers=False)
    oracle = Arrays(derivation.system, seed=7)
    seen = 0
    for _, step, chain in lines(derivation.told):
        if step.topic == "one path" and chain.relations and set(chain.relations) == {"="}:
            wrong = t.Chain((*chain.members[:-1], t.Neg(chain.members[-1])), chain.relations)
            assert replayed(wrong, step, oracle)
            seen += 1
    assert seen
