# ruff: noqa: E501 (one statement a line)
"""Statements that hold at small sizes only must never be proved for all sizes."""

from __future__ import annotations

import pytest
import sympy as sp

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Array,
    Bracket,
    Call,
    Div,
    Formula,
    Idx,
    MatMul,
    Num,
    Ones,
    Sum,
    Transpose,
    add,
    equal,
    mul,
    ref,
    sub,
)
from symbackprop.judging.all_sizes import AllSizes
from symbackprop.judging.claims import Claim
from symbackprop.judging.judge import Judge
from symbackprop.judging.problems import Problem, Refused
from symbackprop.judging.trials import symbolic, trial_sizes
from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index, size

from .statements import D, over, square

N = size("n")
INDEX = index("i")


def toy() -> System:
    """u = sum w x_i,  v_i = w x_i,  s = sum exp(x_i),  J = u + s"""
    axis = Axis(INDEX, N, space="n")
    x, w = entry("x", INDEX), entry("w")
    return System(
        name="toy",
        quantities=(
            Quantity("x", "input", (axis,)),
            Quantity("w", "parameter"),
            Quantity("u", "intermediate"),
            Quantity("v", "intermediate", (axis,)),
            Quantity("s", "intermediate"),
            Quantity("J", "cost"),
        ),
        equations=(
            Equation("u", (), sp.Sum(w * x, (INDEX, 1, N))),
            Equation("v", (INDEX,), w * x, ((INDEX, sp.Integer(1), N),)),
            Equation("s", (), sp.Sum(sp.exp(x) + entry("v", INDEX), (INDEX, 1, N))),
            Equation("J", (), entry("u") + entry("s")),
        ),
        cost="J",
        sizes=(N,),
    )


x, w = (lambda i: ref("x", i)), ref("w")
both = mul(x("i"), x("k"))


def differ(letter: str, other: str | int) -> Formula:
    """1 where two indices differ."""
    index = Num(str(other)) if isinstance(other, int) else Idx(other)
    return sub(ONE, Bracket(equal(Idx(letter), index)))


TRUE_AT_SMALL_SIZES: list[tuple[str, int, Formula, Formula]] = [
    # (name, largest size at which it holds, left, right)
    ("sum of ones", 1, Num("1"), over("i", D(x("i"), x("i")))),
    ("derivatives by all", 1, over("i", D(ref("u"), x("i"))), w),
    ("sum of brackets", 1, over("i", over("k", mul(Bracket(equal(Idx("i"), Idx("k"))), D(x("i"), x("k"))))), ONE),
    ("square of a sum", 1, square(over("i", x("i"))), over("i", square(x("i")))),
    ("product of two sums", 1, mul(over("i", x("i")), over("k", square(x("k")))), over("i", mul(x("i"), square(x("i"))))),
    ("size as a number", 1, over("i", Div(x("i"), Idx("n"))), over("i", x("i"))),
    ("size squared", 1, mul(Idx("n"), Idx("n")), Idx("n")),
    ("discriminant", 2, over("i", over("k", over("j", mul(sub(x("i"), x("k")), sub(x("k"), x("j")), sub(x("j"), x("i")))))), ZERO),
    ("sizes one and two", 2, mul(sub(Idx("n"), ONE), sub(Idx("n"), Num("2"))), ZERO),
    ("ones times ones", 1, MatMul((Transpose(Ones(Idx("n"))), Ones(Idx("n")))), ONE),
    ("dot of derivatives", 1, MatMul((Transpose(Array("d.v")), Ones(Idx("n")))), ONE),
    ("three roots", 3, mul(sub(Idx("n"), ONE), sub(Idx("n"), Num("2")), sub(Idx("n"), Num("3"))), ZERO),
    ("a root in 1/n", 2, add(ONE, Div(Num("2"), mul(Idx("n"), Idx("n")))), Div(Num("3"), Idx("n"))),
    ("mean is the first", 1, Div(over("i", x("i")), Idx("n")), x(1)),
    ("sum is the first", 1, over("i", x("i")), x(1)),
    ("sum of the first two", 2, over("i", x("i")), add(x(1), x(2))),
    ("sum of the first three", 3, over("i", x("i")), add(x(1), x(2), x(3))),
    ("nothing but the first", 1, over("i", mul(differ("i", 1), x("i"))), ZERO),
    ("the others are the second", 2, over("i", mul(differ("i", 1), x("i"))), x(2)),
    ("no two", 1, over("i", over("k", mul(differ("i", "k"), both))), ZERO),
    ("no three", 2, over("i", over("k", over("j", mul(differ("i", "k"), differ("k", "j"), differ("i", "j"), both, x("j"))))), ZERO),
    ("mean of squares", 1, Div(over("i", square(x("i"))), Idx("n")), square(Div(over("i", x("i")), Idx("n")))),
    ("derivative of a mean", 1, D(Div(over("i", x("i")), Idx("n")), x("k")), ONE),
    ("alike inside a function", 1, Call("exp", (over("i", mul(x("i"), x("k"))),)), Call("exp", (over("i", square(x("i"))),))),
    ("nothing inside a function", 1, Call("exp", (over("i", over("k", mul(differ("i", "k"), both))),)), ONE),
    ("nothing of three inside", 2, Call("exp", (over("i", over("k", over("j", mul(differ("i", "k"), differ("k", "j"), differ("i", "j"), both, x("j"))))),)), ONE),
    ("the others inside a function", 1, Call("exp", (over("i", mul(differ("i", "k"), x("i"))),)), ONE),
    ("norm", 1, square(MatMul((Transpose(Ones(Idx("n"))), Array("x")))), MatMul((Transpose(Array("x")), Array("x")))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "largest", "left", "right"),
    TRUE_AT_SMALL_SIZES,
    ids=[c[0] for c in TRUE_AT_SMALL_SIZES],
)
def test_the_rule_itself_sees_the_larger_sizes(
    name: str, largest: int, left: Formula, right: Formula
) -> None:
    """Without any screening at larger sizes: the rule alone must not conclude."""
    judge = Judge(toy(), budget=20)
    claim = Claim(judge, equal(left, right), (), {}, ())
    try:
        rule = AllSizes(claim, left, right)
    except Refused:
        return
    for facts, numbers, opening in rule.attempts():
        rule.start()
        rule.numbers = numbers
        try:
            concluded = rule.holds(opening, facts)
        except (Refused, Problem):
            concluded = False
        if name != "discriminant":
            assert not concluded, (name, opening)
    if name != "discriminant":  # antisymmetric: it is 0 at every size
        assert judge.judge(equal(left, right)).kind != "proved"


TRUE: list[tuple[str, Formula, Formula]] = [
    ("square of a sum", square(over("i", x("i"))), over("i", over("k", both))),
    ("derivative of a square", D(square(over("i", x("i"))), x("k")), mul(Num("2"), over("i", x("i")))),
    ("d u / d x", D(ref("u"), x("k")), w),
    ("d J / d w", D(ref("J"), w), mul(Num("2"), over("i", x("i")))),
    ("u from v", ref("u"), over("i", ref("v", "i"))),
    ("derivative by the first", D(ref("u"), x(1)), w),
    ("the first and the others", over("i", x("i")), add(x(1), over("i", mul(differ("i", 1), x("i"))))),
    ("as many ones", Sum(ONE, Idx("i"), ONE, Idx("n")), Idx("n")),
    ("the mean of equal ones", Div(Sum(over("k", x("k")), Idx("i"), ONE, Idx("n")), Idx("n")), over("i", x("i"))),
    ("deviations", over("i", sub(x("i"), Div(over("k", x("k")), Idx("n")))), ZERO),
    ("squared deviations", over("i", square(sub(x("i"), Div(over("k", x("k")), Idx("n"))))), sub(over("i", square(x("i"))), Div(square(over("i", x("i"))), Idx("n")))),
    ("variance", over("i", mul(sub(x("i"), Div(over("k", x("k")), Idx("n"))), Idx("n"))), sub(mul(Idx("n"), over("i", x("i"))), Sum(over("k", x("k")), Idx("i"), ONE, Idx("n")))),
    ("quotient", D(Div(ref("s"), ref("u")), w), sub(Div(D(ref("s"), w), ref("u")), Div(mul(ref("s"), D(ref("u"), w)), square(ref("u"))))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "left", "right"), TRUE, ids=[c[0] for c in TRUE])
def test_true_statements_about_sums(name: str, left: Formula, right: Formula) -> None:
    verdict = Judge(toy(), budget=20).judge(equal(left, right))
    assert verdict.accepted, verdict
    assert verdict.kind == "proved", verdict


def test_trial_sizes_differ_and_agree() -> None:
    first, second = trial_sizes(symbolic(toy()))
    assert first == {"n": 3}
    assert second == {"n": 2}
