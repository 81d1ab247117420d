# ruff: noqa: E501 (one statement a line)
"""Case distinctions: all cases at once by indicators; no case, and no kink, is overlooked."""

from __future__ import annotations

import pytest

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Bracket,
    Call,
    Cases,
    Chain,
    Div,
    Formula,
    Neg,
    Num,
    add,
    equal,
    mul,
    ref,
    sub,
)
from symbackprop.judging.judge import Judge
from symbackprop.networks import mlp

from .statements import HALF, D, log, square

JUDGE = Judge(mlp([2, 2, 2], "identity", cost="half-sse"), budget=10)
x, y, u, v = ref("x", 1), ref("x", 2), ref("W1", 1, 1), ref("W1", 1, 2)
a, b, c, d = (ref("W2", i, j) for i in (1, 2) for j in (1, 2))


def is_(left: Formula, relation: str, right: Formula = ZERO) -> Chain:
    return Chain((left, right), (relation,))


def step(f: Formula, relation: str = ">") -> Bracket:
    return Bracket(is_(f, relation))


def relu(f: Formula) -> Formula:
    return Call("max", (ZERO, f))


def size(f: Formula) -> Formula:
    return Call("abs", (f,))


many = add(*(relu(f) for f in (x, y, u, v, a, b, c)))
halves = mul(HALF, add(*(add(f, size(f)) for f in (x, y, u, v, a, b, c))))

STATEMENTS: list[tuple[str, bool, Formula, Formula]] = [
    ("relu by bracket", True, relu(x), mul(x, step(x))),
    ("with equality", True, relu(x), mul(x, step(x, ">="))),
    ("bracket with equality", False, step(x), step(x, ">=")),
    ("seven at once", True, many, halves),
    ("seven, one wrong", False, many, add(halves, mul(step(a), step(b), step(c), step(x)))),
    ("wrong only at a corner", False, mul(step(x, "="), step(y, "=")), ZERO),
    ("sign and size", True, size(x), mul(x, Call("sign", (x,)))),
    ("square of a size", True, square(size(x)), square(x)),
    ("a product of sizes", True, mul(size(x), size(y)), size(mul(x, y))),
    ("a sum of sizes", False, add(size(x), size(y)), size(add(x, y))),
    ("the larger", True, Call("max", (x, y)), mul(HALF, add(x, y, size(sub(x, y))))),
    ("the smaller", False, Call("max", (x, y)), mul(HALF, sub(add(x, y), size(sub(x, y))))),
    ("inside each other", True, relu(relu(x)), relu(x)),
    ("steps exclude each other", True, mul(step(x), step(Neg(x))), ZERO),
    ("steps of two", False, mul(step(x), step(y)), ZERO),
    ("one divided in its case", True, Cases(((Div(x, x), is_(x, "!=")), (ONE, None))), ONE),
    ("a quotient of relus", False, Div(relu(x), relu(x)), ONE),
    ("times its inverse", False, mul(step(x), Div(ONE, add(ONE, step(x)))), step(x)),
    ("half of it", True, mul(step(x), Div(ONE, add(ONE, step(x)))), mul(HALF, step(x))),
    ("a logarithm in its case", True, Cases(((log(x), is_(x, ">")), (ZERO, None))), mul(step(x), log(x))),
    ("the first row that holds", True, Cases(((ONE, is_(x, ">")), (Num("2"), is_(x, ">", Num("1"))), (ZERO, None))), step(x)),
    ("the other order", False, Cases(((Num("2"), is_(x, ">", Num("1"))), (ONE, is_(x, ">")), (ZERO, None))), step(x)),
    ("slope of a size", True, D(size(x), x), sub(step(x), step(Neg(x)))),
    ("slope of relu", True, D(relu(mul(x, y)), x), mul(y, step(mul(x, y)))),
    ("slope without its factor", False, D(relu(mul(x, y)), x), step(mul(x, y))),
    ("exponents", True, Call("exp", (relu(x),)), Cases(((Call("exp", (x,)), is_(x, ">")), (ONE, None)))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "true", "left", "right"), STATEMENTS, ids=[s[0] for s in STATEMENTS]
)
def test_cases(name: str, true: bool, left: Formula, right: Formula) -> None:
    verdict = JUDGE.judge(equal(left, right))
    if true:
        # Relations between the signs of x, x - 1 and x y are not known to the proof.
        beyond = ("a product of sizes", "the first row that holds")
        assert verdict.kind == ("agrees" if name in beyond else "proved"), verdict
    else:
        assert verdict.kind != "proved", verdict
