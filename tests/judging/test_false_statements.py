"""Wrong statements of many kinds are refuted, and the counterexample is checked by the oracle."""

from __future__ import annotations

import mpmath as mp
import pytest

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Array,
    Bracket,
    Call,
    Chain,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Neg,
    Num,
    Pow,
    Prod,
    Ref,
    Sum,
    Transpose,
    add,
    equal,
    mul,
    ref,
    sub,
)
from symbackprop.judging.judge import Judge
from symbackprop.networks import find, generic_mlp, mlp
from symbackprop.system.model import System

from .oracle import close, pinned_to
from .statements import HALF, D, J, exp, log, over, plus, relation, slope, square

RECTANGLE = mlp([2, 3, 4], "sigmoid", cost="half-sse")
SQUARE = mlp([2, 2, 2], "sigmoid", cost="half-sse")
BCE = find("chang")
DEEP = generic_mlp("f", cost="half-sse")
ABSTRACT = mlp([2, 2, 2], "f", cost="half-sse")
RELU = mlp([2, 2, 1], "relu", cost="half-sse")
BATCH = mlp([2, 2, 2], cost="half-sse", reduction="mean", samples=3, weight_decay=True)

a, y, z = ref("a2", "j"), ref("y", "j"), ref("z2", "j")
error = sub(a, y)
back = over("j", mul(ref("W2", "j", "k"), ref("d.z2", "j")))
a1 = ref("a1", "k")

FALSE: list[tuple[str, System, Formula, Formula]] = [
    ("sign", RECTANGLE, ref("d.a2", "j"), sub(y, a)),
    ("factor 2", RECTANGLE, ref("d.a2", "j"), mul(Num("2"), error)),
    ("lost half", RECTANGLE, J(), over("j", square(error))),
    ("1/m lost", BATCH, ref("d.a2", "n", "j"), sub(ref("a2", "n", "j"), ref("y", "n", "j"))),
    ("product for sum", SQUARE, ref("z2", "j"), Prod(mul(ref("W2", "j", "k"), a1), Idx("k"))),
    ("regrouping", SQUARE, ref("d.z2", "j"), sub(a, mul(y, slope(a)))),
    ("missing f'", SQUARE, ref("d.z1", "k"), back),
    ("extra f'", BCE, ref("d.z2", "j"), mul(error, slope(a))),
    ("swapped indices", SQUARE, ref("d.a1", "k"), over("j", mul(ref("W2", "k", "j"), ref("d.z2", "j")))),
    ("swapped in derivative", SQUARE, ref("d.W2", "j", "k"), mul(ref("d.z2", "k"), ref("a1", "j"))),
    ("lost transpose", SQUARE, Array("d.a1"), MatMul((Array("W2"), Array("d.z2")))),
    ("z for a", SQUARE, ref("d.W2", "j", "k"), mul(ref("d.z2", "j"), ref("z1", "k"))),
    ("other error", SQUARE, ref("d.W1", "j", "k"), mul(ref("d.a1", "j"), ref("x", "k"))),
    ("missing bias", RECTANGLE, ref("z1", "j"), over("k", mul(ref("W1", "j", "k"), ref("x", "k")))),
    ("missing path", SQUARE, ref("d.a1", "k"), mul(ref("W2", 1, "k"), ref("d.z2", 1))),
    ("cut counted twice", SQUARE, ref("d.z2", "j"), add(mul(ref("d.a2", "j"), D(a, z)), ref("d.z2", "j"))),
    ("other cost", BCE, ref("d.a2", "j"), error),
    ("inner derivative lost", BCE, ref("d.a2", "j"), sub(Neg(mul(y, Pow(a, Neg(ONE)))), mul(sub(ONE, y), Pow(sub(ONE, a), Neg(ONE))))),  # noqa: E501
    ("decay lost", BATCH, ref("d.W1", "k", "i"), over("n", mul(ref("d.z1", "n", "k"), ref("x", "n", "i")))),
    ("slope at a", ABSTRACT, ref("d.z1", "k"), mul(back, Call("f", (a1,), 1))),
    ("f for f'", ABSTRACT, ref("d.z1", "k"), mul(back, Call("f", (ref("z1", "k"),)))),
    ("wrong side of the kink", RELU, D(a1, ref("z1", "k")), Bracket(relation(ref("z1", "k"), "<", ZERO))),
    ("tanh's slope", SQUARE, D(a1, ref("z1", "k")), sub(ONE, square(a1))),
    ("dot for Hadamard", SQUARE, Array("d.a2"), Hadamard((Array("a2"), Array("y")))),
    ("exp of a sum", SQUARE, exp(add(a, y)), add(exp(a), exp(y))),
    ("log of a sum", SQUARE, log(add(exp(a), exp(y))), add(a, y)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "system", "left", "right"), FALSE, ids=[f[0] for f in FALSE])
def test_refuted_with_a_checked_counterexample(
    name: str, system: System, left: Formula, right: Formula
) -> None:
    verdict = Judge(system).judge(equal(left, right))
    assert verdict.kind == "refuted", verdict
    shown = verdict.counterexample
    assert shown is not None
    assert shown.left != shown.right
    if isinstance(left, Array) or system is ABSTRACT:
        return  # the oracle knows neither arrays nor the judge's stand-in for f
    oracle = pinned_to(system, shown)
    letters = [x for x in ("j", "k", "i", "n") if has_free(left, x) or has_free(right, x)]
    found = []
    for env in environments(letters):
        try:
            found.append((oracle.formula(left, env), oracle.formula(right, env)))
        except Exception:
            continue
    assert any(
        close(one, mp.mpf(shown.left), 6)
        and close(two, mp.mpf(shown.right), 6)
        and not close(one, two, 9)
        for one, two in found
    ), (shown, found)


def has_free(f: Formula, letter: str) -> bool:
    bound = isinstance(f, Sum | Prod) and f.index.name == letter
    return f == Idx(letter) or (not bound and any(has_free(c, letter) for c in f.children()))


def environments(letters: list[str]) -> list[dict[str, int]]:
    envs: list[dict[str, int]] = [{}]
    for letter in letters:
        envs = [{**e, letter: i} for e in envs for i in (1, 2, 3, 4)]
    return envs


ILL: list[tuple[str, System, Formula, Formula, str]] = [
    ("transpose", RECTANGLE, Array("d.a1"), MatMul((Array("W2"), Array("d.z2"))), "shapes"),
    ("outer product turned", RECTANGLE, Array("d.W1"), MatMul((Array("x"), Transpose(Array("d.z1")))), "shapes"),
    ("indices", RECTANGLE, ref("d.a1", "k"), over("j", mul(ref("W2", "k", "j"), ref("d.z2", "j"))), "runs from"),
    ("undeclared", RECTANGLE, ref("d.a1", "k"), ref("q", "k"), "not declared"),
    ("out of range", RECTANGLE, ref("d.a1", 1), ref("a1", 4), "does not exist"),
    ("number of indices", RECTANGLE, ref("d.a1", 1), ref("W1", 1), "indices"),
    ("wrong layer", DEEP, ref("d.w", "l", "j", "k"), mul(ref("d.z", "l", "j"), ref("a", "l", "k")), "runs from"),
    ("l for l+1", DEEP, ref("d.a", "l", "j"), over("k", mul(ref("w", "l", "k", "j"), ref("d.z", "l", "k"))), "runs from"),  # noqa: E501
    ("unknown function", SQUARE, ref("a1", "k"), Call("phi", (ref("z1", "k"),)), "not declared"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "system", "left", "right", "why"), ILL, ids=[f[0] for f in ILL])
def test_ill_formed_says_why(
    name: str, system: System, left: Formula, right: Formula, why: str
) -> None:
    verdict = Judge(system).judge(equal(left, right))
    assert verdict.kind == "ill_formed", verdict
    assert why in verdict.reason


def test_a_wrong_member_in_the_middle_is_the_only_one_reported() -> None:
    right = mul(ref("d.z2", "j"), a1)
    wrong = mul(ref("d.z2", "j"), ref("z1", "k"))
    verdict = Judge(SQUARE).judge(equal(ref("d.W2", "j", "k"), wrong, right))
    assert [m.kind for m in verdict.members] == ["refuted", "proved"]
    assert verdict.kind == "refuted"


def test_what_equals_the_wrong_member_is_no_second_error() -> None:
    wrong = mul(ref("d.z2", "j"), ref("z1", "k"))
    verdict = Judge(SQUARE).judge(
        equal(ref("d.W2", "j", "k"), wrong, mul(ref("z1", "k"), ref("d.z2", "j")))
    )
    assert [m.kind for m in verdict.members] == ["refuted", "proved"]
    assert "equals the member before" in verdict.members[1].reason


def test_updates() -> None:
    judge = Judge(SQUARE)
    w, g, eta = ref("W1", "j", "k"), mul(ref("d.z1", "j"), ref("x", "k")), ref("eta")

    def update(new: Formula, of: Formula = w) -> str:
        return judge.judge(Chain((of, new), ("<-",))).kind

    assert update(sub(w, mul(eta, g))) == "proved"
    assert update(sub(w, mul(eta, ref("d.W1", "j", "k")))) == "proved"
    assert update(add(w, mul(eta, g))) == "refuted"
    assert update(sub(w, mul(eta, Num("2"), g))) == "refuted"
    assert update(sub(w, g)) == "ill_formed"
    assert update(sub(w, mul(eta, ref("d.z1", "j"), ref("z1", "k")))) == "refuted"
    bold = sub(Array("W1"), mul(eta, MatMul((Array("d.z1"), Transpose(Array("x"))))))
    assert update(bold, Array("W1")) == "proved"


def test_definitions_and_names() -> None:
    judge = Judge(SQUARE)
    delta = equal(ref("delta", "j"), D(J(), z))
    assert judge.judge(delta).kind == "definition"
    claim = equal(ref("delta", "j"), mul(error, slope(a)))
    assert judge.judge(claim, definitions=[delta]).kind == "proved"
    assert judge.judge(equal(ref("delta", "j"), error), definitions=[delta]).kind == "refuted"
    other = Chain((ref("delta", "j"), error), (":=",))
    assert judge.judge(other, definitions=[delta]).kind == "refuted"


def test_a_claim_about_nothing_is_not_proved() -> None:
    nothing = sub(ref("z1", 1), add(over("k", mul(ref("W1", 1, "k"), ref("x", "k"))), ref("b1", 1)))
    judge = Judge(SQUARE)
    undefined = mul(ref("x", 1), Pow(nothing, Neg(ONE)))
    assert judge.judge(equal(undefined, undefined)).kind in ("not_understood", "proved")
    claim = equal(mul(Num("2"), undefined, nothing), mul(nothing, Num("2"), undefined))
    assert judge.judge(equal(mul(undefined, HALF), mul(HALF, undefined))).kind != "refuted"
    assert judge.judge(claim).kind != "refuted"
    assert judge.judge(equal(Pow(nothing, Neg(ONE)), Ref("x", (ONE,)))).kind == "not_understood"
    assert judge.judge(equal(sub(ref("z1", 1), ref("z1", 1)), nothing)).kind == "proved"


def test_not_a_root_and_a_square() -> None:
    x = ref("x", 1)
    judge = Judge(SQUARE)
    assert judge.judge(equal(Call("sqrt", (square(x),)), Call("abs", (x,)))).kind != "refuted"
    assert judge.judge(equal(Call("sqrt", (square(x),)), x)).kind == "refuted"
    assert judge.judge(equal(log(square(x)), mul(Num("2"), log(x)))).kind != "refuted"
    assert judge.judge(equal(exp(log(square(x))), square(x))).kind == "proved"


def test_side_conditions() -> None:
    judge = Judge(DEEP)
    step = equal(
        ref("d.a", "l", "j"),
        over(
            "k", mul(Ref("w", (plus("l"), Idx("k"), Idx("j"))), Ref("d.z", (plus("l"), Idx("k"))))
        ),
    )
    assert judge.judge(step, ranges={"l": (1, sub(Idx("L"), ONE))}).accepted
    assert judge.judge(step, ranges={"l": (1, Idx("L"))}).kind == "ill_formed"
