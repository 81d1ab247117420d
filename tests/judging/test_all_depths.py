# ruff: noqa: E501 (one statement a line)
"""Claims about any number of layers or times: true ones are proved, what holds at small depths only never is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sympy as sp

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Add,
    Array,
    Bracket,
    Call,
    Deriv,
    Div,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Neg,
    Num,
    Ref,
    Sum,
    Transpose,
    add,
    equal,
    mul,
    ref,
    sub,
)
from symbackprop.judging.all_depths import AllDepths
from symbackprop.judging.claims import Claim
from symbackprop.judging.judge import Judge
from symbackprop.judging.problems import Problem, Refused
from symbackprop.networks import elman, generic_mlp
from symbackprop.networks.builtins import find
from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index, size

from .statements import HALF, D, J, log, over, plus, square

Ranges = Mapping[str, tuple[Any, Any]]
T, L, M = Idx("T"), Idx("L"), Idx("m")


def bounded(letter: str, lower: Formula | int, upper: Formula, body: Formula) -> Sum:
    first = Num(str(lower)) if isinstance(lower, int) else lower
    return Sum(body, Idx(letter), first, upper)


def before(f: Formula, n: int = 1) -> Formula:
    return Add((f, Neg(Num(str(n)))))


def at(name: str, *indices: Formula | str | int) -> Ref:
    return ref(name, *indices)  # type: ignore[arg-type]


def concluded(
    judge: Judge, left: Formula, right: Formula, ranges: Ranges | None = None, named: Any = ()
) -> bool:
    """Whether the rule alone, without any screening at larger sizes, would prove the equation."""
    claim = Claim(judge, equal(left, right), named, ranges or {}, ())
    try:
        rule = AllDepths(claim, left, right)
    except Refused:
        return False
    for facts, numbers, opening in rule.attempts():
        rule.start()
        rule.numbers = numbers
        try:
            if rule.holds(opening, facts):
                return True
        except (Refused, Problem):
            continue
    return False


RNN = Judge(elman(), budget=60)
MLP = Judge(find("nielsen"), budget=60)
DECAY = Judge(
    generic_mlp("tanh", cost="half-sse", weight_decay=True, reduction="mean", samples="m"),
    budget=60,
)

dz, h, x, dq = (
    at("d.z", "t", "i"),
    at("h", plus("t", -1), "j"),
    at("x", "t", "k"),
    at("d.q", "t", "o"),
)
later = over("j", mul(at("U", "j", "i"), at("d.z", plus("t"), "j")))
now = over("o", mul(at("V", "o", "i"), dq))
loss = over("o", mul(at("y", "t", "o"), log(at("p", "t", "o"))))

RECURRENT: list[tuple[str, bool, Formula, Formula, Ranges]] = [
    # (name, whether it is true, left, right, ranges of letters)
    ("a shared weight", True, at("d.U", "i", "j"), over("t", mul(dz, h)), {}),
    ("its range written", True, at("d.U", "i", "j"), bounded("t", 1, T, mul(dz, h)), {}),
    ("without the first time", False, at("d.U", "i", "j"), bounded("t", 2, T, mul(dz, h)), {}),
    ("without the last time", False, at("d.U", "i", "j"), bounded("t", 1, before(T), mul(dz, h)), {}),
    ("t for t-1", False, at("d.U", "i", "j"), over("t", mul(dz, at("h", "t", "j"))), {}),
    ("indices exchanged", False, at("d.U", "i", "j"), over("t", mul(at("d.z", "t", "j"), at("h", plus("t", -1), "i"))), {}),
    ("an input weight", True, at("d.W", "i", "k"), over("t", mul(dz, x)), {}),
    ("the first half of it", False, at("d.W", "i", "k"), mul(at("d.z", 1, "i"), at("x", 1, "k")), {}),
    ("a bias", True, at("d.b", "i"), over("t", dz), {}),
    ("only for one time", False, at("d.b", "i"), at("d.z", 1, "i"), {}),
    ("only for two times", False, at("d.b", "i"), add(at("d.z", 1, "i"), at("d.z", T, "i")), {}),
    ("only for three times", False, at("d.b", "i"), add(*(at("d.z", n, "i") for n in (1, 2, 3))), {}),
    ("ends and middle, but for one time", False, at("d.b", "i"), add(at("d.z", 1, "i"), bounded("t", 2, before(T), dz), at("d.z", T, "i")), {"T": (2, T)}),
    ("one step back", True, at("d.h", "t", "i"), add(now, later), {}),
    ("no step back", False, at("d.h", "t", "i"), now, {}),
    ("no step back at the end", True, at("d.h", T, "i"), over("o", mul(at("V", "o", "i"), at("d.q", T, "o"))), {}),
    ("two errors of one time", False, at("d.h", "t", "i"), add(now, over("j", mul(at("U", "j", "i"), at("d.z", "t", "j")))), {}),
    ("the initial state", True, at("d.h", 0, "i"), over("j", mul(at("U", "j", "i"), at("d.z", 1, "j"))), {}),
    ("the initial state, transposed", False, at("d.h", 0, "i"), over("j", mul(at("U", "i", "j"), at("d.z", 1, "j"))), {}),
    ("tanh", True, dz, mul(at("d.h", "t", "i"), sub(ONE, square(at("h", "t", "i")))), {}),
    ("tanh of the time before", False, dz, mul(at("d.h", "t", "i"), sub(ONE, square(at("h", plus("t", -1), "i")))), {}),
    ("softmax", True, dq, sub(at("p", "t", "o"), at("y", "t", "o")), {}),
    ("softmax, other sign", False, dq, sub(at("y", "t", "o"), at("p", "t", "o")), {}),
    ("softmax at the first time", False, dq, sub(at("p", 1, "o"), at("y", 1, "o")), {}),
    ("the cost", True, J(), Neg(over("t", loss)), {}),
    ("the cost without the end", False, J(), Neg(bounded("t", 1, before(T), loss)), {}),
    ("the cost from time 2", False, J(), Neg(bounded("t", 2, T, loss)), {}),
    ("the mean cost", False, J(), Neg(Div(over("t", loss), T)), {}),
    ("no sum over outputs", False, at("d.V", "o", "i"), over("t", mul(at("d.q", "t", "o"), at("h", "t", "j"))), {}),
    ("an output weight", True, at("d.V", "o", "i"), over("t", mul(dq, at("h", "t", "i"))), {}),
    ("a local derivative", True, D(at("q", "t", "j"), at("V", "o", "i")), mul(Bracket(equal(Idx("j"), Idx("o"))), at("h", "t", "i")), {}),
    ("a local derivative, any output", False, D(at("q", "t", "j"), at("V", "o", "i")), at("h", "t", "i"), {}),
    ("the derivative of a formula", True, D(Neg(over("s", over("j", mul(at("y", "s", "j"), log(at("p", "s", "j")))))), at("p", "t", "o")), Neg(Div(at("y", "t", "o"), at("p", "t", "o"))), {}),
    # Sums over times, as such.
    ("as many ones: T is an atom to the rule", False, bounded("t", 1, T, ONE), T, {}),
    ("three ones", False, bounded("t", 1, T, ONE), Num("3"), {}),
    ("T squared", False, mul(T, T), T, {}),
    ("roots in T", False, mul(sub(T, ONE), sub(T, Num("2")), sub(T, Num("3"))), ZERO, {}),
    ("the last apart", True, over("t", x), add(bounded("t", 1, before(T), x), at("x", T, "k")), {}),
    ("the last but one apart", False, over("t", x), add(bounded("t", 1, before(T), x), at("x", before(T), "k")), {}),
    ("telescope", True, bounded("t", 2, T, sub(x, at("x", plus("t", -1), "k"))), sub(at("x", T, "k"), at("x", 1, "k")), {}),
    ("telescope from 2", False, bounded("t", 2, T, sub(x, at("x", plus("t", -1), "k"))), sub(at("x", T, "k"), at("x", 2, "k")), {}),
    ("square of a sum", False, square(over("t", x)), over("t", square(x)), {}),
    ("sum over pairs", False, over("t", over("s", mul(x, at("x", "s", "k")))), over("t", square(x)), {}),
    ("pairs apart by 2", False, over("t", over("s", mul(Bracket(equal(Idx("s"), plus("t", 2))), x, at("x", "s", "k")))), ZERO, {}),
    ("a single time, 7", False, over("t", mul(Bracket(equal(Idx("t"), Num("7"))), x)), ZERO, {}),
    ("a single time, T-6", False, over("t", mul(Bracket(equal(Idx("t"), before(T, 6))), x)), ZERO, {}),
    ("from time 8", False, bounded("t", 8, T, x), ZERO, {}),
    ("up to T-7", False, bounded("t", 1, before(T, 7), x), ZERO, {}),
    ("twice the letter", False, at("x", mul(Num("2"), Idx("t")), "k"), x, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "true", "left", "right", "ranges"), RECURRENT, ids=[c[0] for c in RECURRENT]
)
def test_times(name: str, true: bool, left: Formula, right: Formula, ranges: Ranges) -> None:
    ranges = {k: v for k, v in ranges.items() if k != "T"}
    assert concluded(RNN, left, right, ranges) == true
    verdict = RNN.judge(equal(left, right), ranges=ranges)
    assert (verdict.kind == "proved") == true, verdict


def prime(z: Formula, f: str = "sigma") -> Formula:
    return Call(f, (z,), 1)


zl, dzl = at("z", "l", "j"), at("d.z", "l", "j")
up = over("k", mul(at("w", plus("l"), "k", "j"), at("d.z", plus("l"), "k")))
first = mul(sub(at("a", L, "j"), at("y", "j")), prime(at("z", L, "j")))

LAYERED: list[tuple[str, bool, Formula, Formula, Ranges]] = [
    ("BP1", True, at("d.z", L, "j"), first, {}),
    ("BP1 at any layer", False, dzl, mul(sub(at("a", "l", "j"), at("y", "j")), prime(zl)), {}),
    ("BP1 at L-1", False, at("d.z", before(L), "j"), mul(sub(at("a", before(L), "j"), at("y", "j")), prime(at("z", before(L), "j"))), {}),
    ("BP2", True, dzl, mul(up, prime(zl)), {}),
    ("BP2 with its range", True, dzl, mul(up, prime(zl)), {"l": (1, before(L))}),
    ("BP2 at L-4", True, at("d.z", before(L, 4), "j"), mul(over("k", mul(at("w", before(L, 3), "k", "j"), at("d.z", before(L, 3), "k"))), prime(at("z", before(L, 4), "j"))), {}),
    ("BP2 without slope", False, dzl, up, {}),
    ("BP2, slope above", False, dzl, over("k", mul(at("w", plus("l"), "k", "j"), at("d.z", plus("l"), "k"), prime(at("z", plus("l"), "k")))), {}),
    ("BP2 with l for l+1", False, dzl, mul(over("k", mul(at("w", "l", "k", "j"), at("d.z", "l", "k"))), prime(zl)), {}),
    ("BP2 with w^l", False, dzl, mul(over("k", mul(at("w", "l", "k", "j"), at("d.z", plus("l"), "k"))), prime(zl)), {}),
    ("BP2 transposed", False, dzl, mul(over("k", mul(at("w", plus("l"), "j", "k"), at("d.z", plus("l"), "k"))), prime(zl)), {}),
    ("BP2 over two layers", False, dzl, mul(over("k", mul(at("w", plus("l"), "k", "j"), at("d.z", plus("l", 2), "k"))), prime(zl)), {}),
    ("BP3", True, at("d.b", "l", "j"), dzl, {}),
    ("BP3 above", False, at("d.b", "l", "j"), at("d.z", plus("l"), "j"), {}),
    ("BP4", True, at("d.w", "l", "j", "k"), mul(at("a", plus("l", -1), "k"), dzl), {}),
    ("BP4, own layer", False, at("d.w", "l", "j", "k"), mul(at("a", "l", "k"), dzl), {}),
    ("first layer only", False, at("d.w", "l", "j", "k"), mul(at("x", "k"), dzl), {}),
    ("first layer", True, at("d.w", 1, "j", "k"), mul(at("x", "k"), at("d.z", 1, "j")), {}),
    ("all in one", True, at("d.w", "l", "j", "k"), mul(up, prime(zl), at("a", plus("l", -1), "k")), {}),
    ("matrix", True, Array("d.z", (Idx("l"),)), Hadamard((MatMul((Transpose(Array("w", (plus("l"),))), Array("d.z", (plus("l"),)))), prime(Array("z", (Idx("l"),))))), {}),
    ("matrix, not transposed", False, Array("d.z", (Idx("l"),)), Hadamard((MatMul((Array("w", (plus("l"),)), Array("d.z", (plus("l"),)))), prime(Array("z", (Idx("l"),))))), {}),
    ("one step", True, D(at("z", plus("l"), "k"), zl), mul(at("w", plus("l"), "k", "j"), prime(zl)), {}),
    ("any sum over layers", False, bounded("l", 1, L, dzl), ZERO, {}),
    ("a product of sums over layers", False, square(bounded("l", 1, L, at("b", "l", "j"))), bounded("l", 1, L, square(at("b", "l", "j"))), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "true", "left", "right", "ranges"), LAYERED, ids=[c[0] for c in LAYERED]
)
def test_layers(name: str, true: bool, left: Formula, right: Formula, ranges: Ranges) -> None:
    assert concluded(MLP, left, right, ranges) == true
    verdict = MLP.judge(equal(left, right), ranges=ranges)
    assert (verdict.kind == "proved") == true, verdict


error = square(sub(at("a", L, "n", "j"), at("y", "n", "j")))
ONE_SAMPLE = {"C": (("n",), mul(HALF, over("j", error)))}
weight = at("w", "l", "j", "k")
by_weight = Deriv(at("C", "n"), weight)


def decay(lower: Formula | int, upper: Formula) -> Formula:
    body = over("j", over("k", square(weight)))
    return mul(Div(Ref("lambda"), Num("2")), bounded("l", lower, upper, body))


def mean(body: Formula) -> Formula:
    return mul(Div(ONE, M), bounded("n", 1, M, body))


BATCH: list[tuple[str, bool, Formula, Formula]] = [
    ("cost", True, J(), add(mean(at("C", "n")), decay(1, L))),
    ("cost, no mean", False, J(), add(bounded("n", 1, M, at("C", "n")), decay(1, L))),
    ("cost, one sample", False, J(), add(mul(Div(ONE, M), at("C", 1)), decay(1, L))),
    ("cost, last layer free", False, J(), add(mean(at("C", "n")), decay(1, before(L)))),
    ("cost, first layer free", False, J(), add(mean(at("C", "n")), decay(2, L))),
    ("gradient", True, at("d.w", "l", "j", "k"), add(mean(by_weight), mul(Ref("lambda"), weight))),
    ("gradient without decay", False, at("d.w", "l", "j", "k"), mean(by_weight)),
    ("gradient, decay twice", False, at("d.w", "l", "j", "k"), add(mean(by_weight), mul(Num("2"), Ref("lambda"), weight))),
    ("gradient, sum", False, at("d.w", "l", "j", "k"), add(over("n", by_weight), mul(Ref("lambda"), weight))),
    ("gradient, m-1", False, at("d.w", "l", "j", "k"), add(mul(Div(ONE, M), bounded("n", 1, before(M), by_weight)), mul(Ref("lambda"), weight))),
    ("gradient of the layer above", False, at("d.w", "l", "j", "k"), add(mean(by_weight), mul(Ref("lambda"), at("w", plus("l"), "j", "k")))),
    ("bias", True, at("d.b", "l", "j"), mean(Deriv(at("C", "n"), at("b", "l", "j")))),
    ("bias with errors", True, at("d.b", "l", "j"), over("n", at("d.z", "l", "n", "j"))),
    ("bias, mean of errors", False, at("d.b", "l", "j"), mean(at("d.z", "l", "n", "j"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "true", "left", "right"), BATCH, ids=[c[0] for c in BATCH])
def test_samples_at_any_depth(name: str, true: bool, left: Formula, right: Formula) -> None:
    assert concluded(DECAY, left, right, named=ONE_SAMPLE) == true
    verdict = DECAY.judge(equal(left, right), ONE_SAMPLE)
    assert (verdict.kind == "proved") == true, verdict


def test_a_name_that_stands_for_a_formula() -> None:
    """u[l] := w[l] a[l-1] at any depth."""
    letter = Idx("l")
    body = MatMul((Array("w", (letter,)), Array("a", (plus("l", -1),))))
    named = {"u": (("l",), body)}
    z, u, b = (Array(n, (letter,)) for n in "zub")
    for right, true in ((add(u, b), True), (u, False), (add(Array("u", (plus("l"),)), b), False)):
        assert concluded(MLP, z, right, named=named) == true
        assert (MLP.judge(equal(z, right), named).kind == "proved") == true


# --- systems that are no ladder, or an odd one -------------------------------------------------------


def chain(*equations: Equation, more: tuple[Quantity, ...] = ()) -> System:
    """u[t], t = 0..T, with J = sum of u[t]."""
    steps = size("T")
    time = Axis(index("t"), steps, sp.Integer(0), kind="time", space="time")
    known = (
        Quantity("u", "intermediate", (time,)),
        Quantity("c", "parameter"),
        Quantity("J", "cost"),
        *more,
    )
    total = Equation("J", (), sp.Sum(entry("u", index("t")), (index("t"), 1, steps)))
    return System("chain", known, (*equations, total), "J", sizes=(steps,))


def test_every_other_time() -> None:
    """u[t] reads u[t-2]: even and odd times never meet."""
    t_, steps = index("t"), size("T")
    judge = Judge(
        chain(
            Equation("u", (sp.Integer(0),), entry("c")),
            Equation("u", (sp.Integer(1),), 2 * entry("c")),
            Equation("u", (t_,), entry("c") * entry("u", t_ - 2), ((t_, sp.Integer(2), steps),)),
        ),
        budget=30,
    )
    back = D(at("u", "t"), at("u", plus("t", -2)))
    assert judge.judge(equal(back, ref("c"))).kind == "proved"
    assert judge.judge(equal(D(at("u", "t"), at("u", plus("t", -1))), ZERO)).accepted
    assert judge.judge(equal(D(at("u", "t"), at("u", plus("t", -1))), ref("c"))).kind == "refuted"
    assert not concluded(judge, at("u", T), ref("c"))
    assert not concluded(judge, D(J(), at("u", "t")), ONE)
    assert concluded(judge, D(J(), at("u", T)), ONE)
    assert not concluded(judge, D(J(), at("u", before(T, 2))), ONE)


def test_a_cost_that_multiplies_times() -> None:
    """J = (sum of u)^2 is no sum of windows: nothing follows from small numbers of times."""
    t_, steps = index("t"), size("T")
    time = Axis(t_, steps, kind="time", space="time")
    total = sp.Sum(entry("u", t_), (t_, 1, steps))
    system = System(
        "square",
        (Quantity("u", "parameter", (time,)), Quantity("J", "cost")),
        (Equation("J", (), total**2),),
        "J",
        sizes=(steps,),
    )
    judge = Judge(system, budget=30)
    assert not concluded(judge, J(), over("t", square(at("u", "t"))))
    assert not concluded(judge, D(J(), at("u", "t")), mul(Num("2"), at("u", "t")))
    verdict = judge.judge(equal(D(J(), at("u", "t")), mul(Num("2"), over("s", at("u", "s")))))
    assert verdict.accepted


def test_terms_that_are_missing_at_small_sizes() -> None:
    """A sum over different indices only is empty at small sizes."""
    n, letters = size("n"), [index(x) for x in "ijkl"]
    axis = Axis(index("i"), n, space="n")
    body = sp.Mul(*(entry("x", i) for i in letters))
    for a in range(4):
        for b in range(a):
            body *= 1 - sp.KroneckerDelta(letters[a], letters[b])
    system = System(
        "distinct",
        (Quantity("x", "input", (axis,)), Quantity("v", "intermediate"), Quantity("J", "cost")),
        (
            Equation("v", (), sp.Sum(body, *((i, 1, n) for i in letters))),
            Equation("J", (), entry("v") ** 2),
        ),
        "J",
        sizes=(n,),
    )
    judge = Judge(system, budget=30)
    assert judge.judge(equal(ref("v"), ZERO)).kind != "proved"
    assert judge.judge(equal(D(J(), at("x", "i")), ZERO)).kind != "proved"
