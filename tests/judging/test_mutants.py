"""No mutant that changes the value is ever accepted, on square and on rectangular networks."""

from __future__ import annotations

import random
import zlib

import pytest

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Judge
from symbackprop.networks import elman, find, generic_mlp, mlp, softmax_regression
from symbackprop.system.model import System

from . import statements as s
from .mutator import mutants, same_shape
from .oracle import NoValue, Oracle, close

NETWORKS: list[tuple[str, System, list[t.Chain], list[dict[str, int]]]] = [
    ("chang", find("chang"), s.chang(), [{}]),
    ("square", mlp([2, 2, 2], "sigmoid", cost="half-sse"), s.layered("sigmoid"), [{}]),
    ("rectangle", mlp([2, 3, 2], "f", cost="half-sse"), s.layered("f"), [{}]),
    ("softmax", softmax_regression(2, 3), s.softmax(), [{}]),
    ("relu", mlp([2, 2, 1], "relu", cost="half-sse"), s.relu(), [{}]),
    ("bptt", elman(3, 2, 2, 2), s.bptt(), [{}]),
    (
        "sizes",
        mlp(["n0", "n1", "n2"], "f", cost="half-sse"),
        s.layered("f"),
        [{"n0": 3, "n1": 2, "n2": 2}, {"n0": 1, "n1": 1, "n2": 1}, {"n0": 2, "n1": 3, "n2": 4}],
    ),
    (
        "batch",
        mlp(["n0", "n1", "n2"], cost="half-sse", reduction="mean", samples="m", weight_decay=True),
        s.batch(),
        [{"n0": 3, "n1": 2, "n2": 2, "m": 3}, {"n0": 2, "n1": 2, "n2": 2, "m": 2}],
    ),
    (
        "nielsen",
        generic_mlp("f", cost="half-sse"),
        [c.rewrite(lambda n: t.Call("f", n.args, n.primes) if isinstance(n, t.Call) else None) for c in s.nielsen()],  # type: ignore[misc]
        [
            {"L": 3, "s[0]": 2, "s[1]": 3, "s[2]": 2, "s[3]": 2},
            {"L": 2, "s[0]": 2, "s[1]": 2, "s[2]": 2},
        ],
    ),
]  # fmt: skip


def letters_of(
    f: t.Formula, sizes: dict[str, int], bound: frozenset[str] = frozenset()
) -> set[str]:
    if isinstance(f, t.Idx):
        return set() if f.name in bound or f.name in sizes else {f.name}
    inner = bound | {f.index.name} if isinstance(f, t.Sum | t.Prod) else bound
    found: set[str] = set()
    for c in f.children():
        if not (isinstance(f, t.Sum | t.Prod) and c is f.index):
            found |= letters_of(c, sizes, inner)
    return found


def really_equal(system: System, chain: t.Chain, sizes: dict[str, int]) -> bool | None:
    """Whether the two members agree at random numbers; None if they mean nothing."""
    found = [equal_at(system, chain, sizes, seed) for seed in (5, 6, 7)[: 3 if not sizes else 1]]
    return False if False in found else True if True in found else None


def equal_at(system: System, chain: t.Chain, sizes: dict[str, int], seed: int) -> bool | None:
    oracle = Oracle(system, sizes, seed=seed)
    seen = False
    letters = sorted(letters_of(chain, sizes))
    envs: list[dict[str, int]] = [{}]
    for letter in letters:
        envs = [{**e, letter: i} for e in envs for i in range(max(sizes.values(), default=3) + 1)]
    for env in envs:
        values = []
        missing = 0
        for m in chain.members:
            try:
                values.append(oracle.formula(m, env))
            except (NoValue, KeyError, ZeroDivisionError, ValueError):
                missing += 1
        if missing:
            continue
        seen = True
        if not close(values[0], values[1]):
            return False
    return True if seen else None


LONG = ("bptt", "nielsen")
SLOW = ("chang", "sizes", "batch", "nielsen", "bptt", "square", "rectangle")


@pytest.mark.parametrize(
    ("name", "system", "chains", "sizes"),
    [pytest.param(*n, id=n[0], marks=[pytest.mark.slow] if n[0] in SLOW else []) for n in NETWORKS],
)
def test_no_mutant_is_accepted(
    name: str, system: System, chains: list[t.Chain], sizes: list[dict[str, int]]
) -> None:
    rng = random.Random(zlib.crc32(name.encode()))
    names = same_shape(system)
    judge = Judge(system, budget=5)
    changed = accepted = 0
    plain = [c for c in chains if not any(isinstance(n, t.Array) for n in c.walk())]
    most = 3 if name in LONG else 8
    for chain in plain if len(plain) < most else rng.sample(plain, most):
        for member in chain.members[1:]:
            for mutant in mutants(member, names, rng):
                claim = t.equal(chain.members[0], mutant)
                try:
                    truth = [really_equal(system, claim, one) for one in sizes]
                except AssertionError:
                    continue
                verdict = judge.judge(claim)
                if False in truth:
                    changed += 1
                    assert not verdict.accepted, (claim, verdict)
                elif verdict.accepted:
                    accepted += 1
                if verdict.kind == "refuted":
                    assert (
                        True not in truth
                        or False in truth
                        or name in ("rectangle", "sizes", "nielsen")
                    ), (claim, verdict)
    assert changed > 15, (changed, accepted)
