"""Adjacent lines differ by the rule that is named, and by no other."""

from __future__ import annotations

import pytest

from symbackprop.formula.tree import ONE, Div, Formula, Neg, add, mul, ref, sub
from symbackprop.judging.judge import Judge
from symbackprop.judging.replay import RULES, difference, one_rule
from symbackprop.networks import find

from .statements import D, J, slope

a, y, z, w, x = ref("a2", 1), ref("y", 1), ref("z2", 1), ref("W2", 1, 1), ref("a1", 1)
fraction = Div(sub(a, y), slope(a))
paths = mul(D(J(), a), D(a, z), D(z, w))
two = add(Neg(Div(y, a)), Div(sub(ONE, y), sub(ONE, a)))

GOOD: list[tuple[str, Formula, Formula]] = [
    ("chain rule", D(J(), w), paths),
    ("substitute", paths, mul(D(J(), a), D(a, z), x)),
    ("substitute", mul(D(J(), a), D(a, z), x), mul(fraction, D(a, z), x)),
    ("substitute", mul(fraction, D(a, z), x), mul(fraction, slope(a), x)),
    ("cancel", mul(fraction, slope(a), x), mul(sub(a, y), x)),
    ("one fraction", two, Div(add(Neg(mul(y, sub(ONE, a))), mul(sub(ONE, y), a)), slope(a))),
    ("collect", add(mul(a, x), mul(y, x)), mul(add(a, y), x)),
]


@pytest.mark.parametrize(("rule", "before", "after"), GOOD)
def test_one_rule(rule: str, before: Formula, after: Formula) -> None:
    assert one_rule(before, after, rule, Judge(find("chang")))


BAD: list[tuple[str, Formula, Formula]] = [
    ("chain rule", mul(sub(a, y), x), paths),
    ("cancel", paths, mul(sub(a, y), x)),  # true, but three derivatives are put in as well
    ("cancel", mul(fraction, slope(a), x), mul(sub(y, a), x)),  # false
    ("collect", mul(fraction, D(a, z), x), mul(sub(a, y), x)),
    ("no such rule", D(J(), w), paths),
    ("bracket picks", D(J(), w), paths),
]


@pytest.mark.parametrize(("rule", "before", "after"), BAD)
def test_not_that_rule(rule: str, before: Formula, after: Formula) -> None:
    assert not one_rule(before, after, rule, Judge(find("chang")))


def test_the_difference_is_the_smallest_part() -> None:
    found = difference(mul(fraction, D(a, z), x), mul(x, slope(a), fraction))
    assert found is not None
    assert found.before == D(a, z)
    assert found.after == slope(a)
    assert difference(mul(a, x), mul(x, a)) is None
    assert set(RULES) >= {"cancel", "collect", "substitute", "chain rule"}
