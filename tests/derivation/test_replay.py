"""Every line of every built-in, computed again by code outside narrator, engine and judge."""

from __future__ import annotations

import pytest

from derivation.replaying import Arrays, lines, replayed
from symbackprop.api import derive
from symbackprop.derivation.steps import RULES
from symbackprop.formula import tree as t
from symbackprop.networks.builtins import BUILTINS

SIZES = {"L": 3, "s[0]": 2, "s[1]": 3, "s[2]": 2, "s[3]": 2, "m": 2, "T": 3, "H": 2, "D": 3, "K": 2}

SMALL = ("chang-neuron", "chang", "lee", "mazur", "softmax-regression")


def check(name: str) -> int:
    derivation = derive(name, numbers=False)
    oracles: dict[int, Arrays] = {}
    count = 0
    for system, step, chain in lines(derivation.told):
        assert step.rule in RULES
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
