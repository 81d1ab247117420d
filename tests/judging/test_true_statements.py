"""What the sources state correctly is proved, at one size or at all sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symbackprop.formula.tree import Chain
from symbackprop.judging.judge import Judge
from symbackprop.networks import elman, find, mlp, softmax_regression
from symbackprop.system.model import System

from . import statements as s

CASES: list[tuple[str, Callable[[], System], list[Chain], bool]] = [
    ("chang", lambda: find("chang"), s.chang(), False),
    ("csdn", lambda: find("2-3-2", cost="half-sse", bias="unit"), s.layered("sigmoid"), False),
    ("tanh", lambda: mlp([2, 3, 2], "softplus", cost="half-sse"), s.layered("softplus"), False),
    ("abstract", lambda: mlp([2, 3, 2], "f", cost="half-sse"), s.layered("f"), False),
    ("nielsen", lambda: find("nielsen"), s.nielsen(), True),
    ("sizes", lambda: mlp(["n0", "n1", "n2"], "f", cost="half-sse"), s.layered("f"), True),
    (
        "batch",
        lambda: mlp(
            ["n0", "n1", "n2"], cost="half-sse", reduction="mean", samples="m", weight_decay=True
        ),
        s.batch(),
        True,
    ),
    ("softmax", lambda: softmax_regression(3, 3), s.softmax(), False),
    ("bptt", lambda: elman(3, 2, 2, 2), s.bptt(), False),
    ("relu", lambda: mlp([2, 2, 1], "relu", cost="half-sse"), s.relu(), False),
]


@pytest.mark.parametrize(("name", "build", "chains", "sizes"), CASES, ids=[c[0] for c in CASES])
def test_true_statements_are_proved(
    name: str, build: Callable[[], System], chains: list[Chain], sizes: bool
) -> None:
    judge = Judge(build(), budget=20)
    for n, chain in enumerate(chains):
        verdict = judge.judge(chain, constants=("eta",))
        assert verdict.kind == "proved", (name, n, verdict)
        assert len(verdict.members) == len(chain.relations)
        if sizes:
            assert "all sizes" in verdict.how, (name, n, verdict)


def test_softmax_at_all_sizes() -> None:
    judge = Judge(softmax_regression("D", "K"), budget=20)
    verdicts = [judge.judge(chain) for chain in s.softmax()]
    assert [v.kind for v in verdicts[:3]] == ["proved"] * 3
    assert verdicts[1].facts == ("y sums to 1",)
    assert all(v.accepted for v in verdicts)


def test_the_fact_is_named_where_it_is_used() -> None:
    verdict = Judge(softmax_regression(3, 3)).judge(s.softmax()[1])
    assert verdict.members[0].facts == ()
    assert any("sums to 1" in f for f in verdict.members[1].facts)
