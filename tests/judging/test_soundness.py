"""Random pairs of expressions: `proved` only if they agree to 50 digits, `refuted` only if they differ."""

from __future__ import annotations

import random

import mpmath as mp
import pytest

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Judge
from symbackprop.networks import mlp

from .oracle import NoValue, Oracle, close

SYSTEM = mlp([2, 2, 1], "sigmoid", cost="half-sse")
LEAVES = [
    t.ref("x", 1),
    t.ref("x", 2),
    t.ref("a1", 1),
    t.ref("z1", 1),
    t.ref("y", 1),
    t.ref("W1", 1, 2),
]


def expression(rng: random.Random, depth: int) -> t.Formula:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*LEAVES, t.Num(rng.choice(("0", "1", "2", "3")))])
    kind = rng.choice(
        (
            "+",
            "+",
            "*",
            "*",
            "-",
            "/",
            "^",
            "exp",
            "log",
            "abs",
            "max",
            "sqrt",
            "case",
            "d",
            "sigmoid",
        )
    )
    a, b = expression(rng, depth - 1), expression(rng, depth - 1)
    if kind == "+":
        return t.add(a, b)
    if kind == "*":
        return t.mul(a, b)
    if kind == "-":
        return t.sub(a, b)
    if kind == "/":
        return t.Div(a, b)
    if kind == "^":
        return t.Pow(a, rng.choice((t.Num("2"), t.Num("3"), t.Neg(t.ONE))))
    if kind == "case":
        return t.Cases(((a, t.Chain((b, t.ZERO), (rng.choice(("<", ">=")),))), (b, None)))
    if kind == "d":
        return t.Deriv(a, rng.choice(LEAVES))
    if kind == "max":
        return t.Call("max", (a, b))
    return t.Call(kind, (a,))


def rewritten(f: t.Formula, rng: random.Random) -> t.Formula:
    """A formula that is often equal: identities, right ones and tempting wrong ones."""
    f = f.map(lambda c: rewritten(c, rng))
    choice = rng.random()
    if isinstance(f, t.Add) and choice < 0.5:
        return t.Add(f.terms[::-1])
    if isinstance(f, t.Mul) and isinstance(f.factors[0], t.Add) and choice < 0.7:
        rest = f.factors[1:]
        return t.add(*(t.mul(x, *rest) for x in f.factors[0].terms))
    if isinstance(f, t.Mul) and choice < 0.3:
        return t.Mul(f.factors[::-1])
    if isinstance(f, t.Div) and choice < 0.5:
        return t.mul(f.num, t.Pow(f.den, t.Neg(t.ONE)))
    if isinstance(f, t.Pow) and f.exponent == t.Num("2") and choice < 0.5:
        return t.mul(f.base, f.base)
    if isinstance(f, t.Call) and isinstance(f.args[0], t.Add) and f.name == "exp" and choice < 0.7:
        return t.mul(*(t.Call("exp", (x,)) for x in f.args[0].terms))
    if isinstance(f, t.Call) and isinstance(f.args[0], t.Mul) and f.name == "log" and choice < 0.7:
        return t.add(*(t.Call("log", (x,)) for x in f.args[0].factors))  # wrong for negative ones
    if isinstance(f, t.Call) and f.name == "sqrt" and isinstance(f.args[0], t.Pow) and choice < 0.7:
        return f.args[0].base if choice < 0.3 else t.Call("abs", (f.args[0].base,))
    if isinstance(f, t.Call) and f.name == "abs" and choice < 0.6:
        return t.Call("max", (f.args[0], t.Neg(f.args[0])))
    if isinstance(f, t.Call) and f.name == "max" and choice < 0.4:
        half = t.Div(t.ONE, t.Num("2"))
        gap = t.Call("abs", (t.sub(f.args[0], f.args[1]),))
        return t.mul(half, t.add(f.args[0], f.args[1], gap))
    if isinstance(f, t.Call) and f.name == "sigmoid" and choice < 0.6:
        return t.Div(t.ONE, t.add(t.ONE, t.Call("exp", (t.Neg(f.args[0]),))))
    if isinstance(f, t.Deriv) and choice < 0.2 and isinstance(f.of, t.Mul):
        first, *rest = f.of.factors
        other = t.mul(*rest)
        return t.add(t.mul(t.Deriv(first, f.by), other), t.mul(first, t.Deriv(other, f.by)))
    if choice > 0.985:
        return t.mul(f, t.Num("1"))
    if choice > 0.97:
        return t.Neg(f)  # wrong
    return f


def values(formulas: tuple[t.Formula, ...], seed: int) -> list[object]:
    """Their values at the same random numbers, None where there is none."""
    oracle = Oracle(SYSTEM, seed=seed)
    found: list[object] = []
    for f in formulas:
        try:
            value = oracle.formula(f, {})
            found.append(None if isinstance(value, mp.mpc) or not mp.isfinite(value) else value)
        except (NoValue, ZeroDivisionError, ValueError, OverflowError):
            found.append(None)
    return found


def run(count: int, start: int) -> dict[str, int]:
    judge = Judge(SYSTEM, budget=1)
    counts: dict[str, int] = {}
    for n in range(start, start + count):
        rng = random.Random(n)
        left = expression(rng, rng.choice((2, 3, 4)))
        right = rewritten(left, rng) if rng.random() < 0.8 else expression(rng, 2)
        verdict = judge.judge(t.equal(left, right))
        counts[verdict.kind] = counts.get(verdict.kind, 0) + 1
        if verdict.kind == "proved":
            for seed in range(4):
                a, b = values((left, right), seed)
                if a is not None and b is not None:
                    assert close(a, b, 25), (n, left, right, a, b)
        if verdict.kind == "refuted":
            assert verdict.counterexample is not None
            assert left != right
    return counts


def test_random_pairs() -> None:
    counts = run(400, 0)
    assert counts["proved"] > 80, counts
    assert counts["refuted"] > 20, counts


@pytest.mark.slow
def test_many_random_pairs() -> None:
    run(2000, 1000)


def test_a_formula_without_a_value_leaves_the_oracle_as_it_was() -> None:
    """dz/dx at a free x; between two such, one whose body has no value (it left x free)."""
    oracle = Oracle(SYSTEM)
    slope = t.Deriv(t.ref("a1", 1), t.ref("x", 1))
    before = oracle.formula(slope, {})
    with pytest.raises(NoValue):
        oracle.formula(t.Deriv(t.Div(t.ONE, t.ZERO), t.ref("z1", 1)), {})
    assert not oracle.pinned
    assert close(oracle.formula(slope, {}), before)
    assert not close(before, 0)
