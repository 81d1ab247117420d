"""Introduced names, replaced by what they stand for: plain replacements only."""

from __future__ import annotations

import pytest

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Judge
from symbackprop.judging.naming import spelled_out
from symbackprop.judging.spread import Refused
from symbackprop.networks import generic_mlp

LETTER, SHIFTED = t.Idx("l"), t.add(t.Idx("l"), t.ONE)
BODY = t.MatMul((t.Array("w", (LETTER,)), t.Array("a", (t.sub(LETTER, t.ONE),))))
NAMED = {"u": (("l",), BODY)}


def test_the_name_is_replaced_at_its_index() -> None:
    found = spelled_out(t.Array("u", (SHIFTED,)), NAMED)
    assert found == t.MatMul(
        (t.Array("w", (SHIFTED,)), t.Array("a", (t.Add((SHIFTED, t.Neg(t.ONE))),)))
    )


@pytest.mark.parametrize(
    ("formula", "named"),
    [
        (t.Grad(t.Ref("J"), t.Array("u", (LETTER,))), NAMED),
        (t.Array("u"), NAMED),
        (t.Array("u", (LETTER,)), {"u": (("l",), t.Sum(BODY, t.Idx("k")))}),
        (t.Array("u", (LETTER,)), {"u": (("l",), t.Array("u", (LETTER,)))}),
    ],
)
def test_what_is_no_plain_replacement_is_refused(formula: t.Formula, named: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(Refused):
        spelled_out(formula, named)


def test_a_name_at_generic_depth_is_proved_and_can_be_refuted() -> None:
    judge = Judge(generic_mlp("f", cost="half-sse"))
    u = t.Array("u", (LETTER,))
    definition = t.equal(u, BODY)
    z, b = t.Array("z", (LETTER,)), t.Array("b", (LETTER,))
    assert judge.judge(t.equal(z, t.add(u, b)), (definition,)).kind == "proved"
    assert judge.judge(t.equal(z, u), (definition,)).kind == "refuted"
