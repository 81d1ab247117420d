"""The rules themselves: what each accepts, and what it must not."""

from __future__ import annotations

import pytest
from judging.statements import D, J, slope

from symbackprop.formula.tree import ONE, Add, Div, Formula, Neg, Num, add, equal, mul, ref, sub
from symbackprop.networks import find

from .knowledge import Known
from .normal_form import normal
from .rules import Rules

a, y, z, w, x = ref("a2", 1), ref("y", 1), ref("z2", 1), ref("W2", 1, 1), ref("a1", 1)
other = ref("a2", 2)
fraction = Div(sub(a, y), slope(a))
paths = mul(D(J(), a), D(a, z), D(z, w))
two = add(Neg(Div(y, a)), Div(sub(ONE, y), sub(ONE, a)))
joined = Div(add(Neg(mul(y, sub(ONE, a))), mul(sub(ONE, y), a)), slope(a))

PRINTED = (equal(D(J(), a), two, joined, fraction), equal(D(a, z), slope(a)), equal(D(z, w), x))


def rules() -> Rules:
    known = Known(find("chang"))
    for statement in PRINTED:
        known.learn(statement)
    return Rules(known)


GOOD: list[tuple[str, Formula, Formula]] = [
    ("reorder", mul(a, x), mul(x, a)),
    ("reorder", sub(y, a), Neg(sub(a, y))),
    ("chain rule", D(J(), w), paths),
    ("chain rule", D(J(), w), mul(D(J(), z), D(z, w))),
    ("substitute", paths, mul(D(J(), a), D(a, z), x)),
    ("substitute", paths, mul(fraction, slope(a), x)),  # all three at once, as in 7.2 of the model
    ("substitute", mul(fraction, D(a, z), x), mul(fraction, slope(a), x)),
    ("cancel", mul(fraction, slope(a), x), mul(sub(a, y), x)),
    ("cancel", joined, fraction),
    ("one fraction", two, joined),
    ("collect", add(mul(a, x), mul(y, x)), mul(add(a, y), x)),
    ("arithmetic", mul(Div(ONE, Num("2")), Num("2"), a), a),
    ("local derivative", D(z, w), x),
    ("local derivative", D(mul(a, a), a), mul(Num("2"), a)),
    ("definition", z, add(mul(w, x), mul(ref("W2", 1, 2), ref("a1", 2)), ref("b2", 1))),
    ("name", mul(D(J(), z), x), mul(ref("d.z2", 1), x)),
]


@pytest.mark.parametrize(("rule", "before", "after"), GOOD)
def test_one_rule(rule: str, before: Formula, after: Formula) -> None:
    assert rules().explains(rule, normal(before), normal(after))


BAD: list[tuple[str, Formula, Formula]] = [
    ("chain rule", mul(sub(a, y), x), paths),
    ("chain rule", D(J(), w), mul(D(J(), a), D(z, w))),  # a link is missing
    ("chain rule", D(J(), w), mul(D(J(), other), D(other, z), D(a, w))),  # does not meet
    ("chain rule", D(J(), w), mul(fraction, D(a, z), D(z, w))),  # and substituted
    ("substitute", paths, mul(sub(a, y), x)),  # and cancelled
    ("substitute", paths, mul(fraction, D(a, z))),  # a factor is lost
    ("substitute", paths, mul(fraction, slope(a), x, x)),  # a factor is won
    ("substitute", D(ref("a2", 2), ref("z2", 2)), slope(other)),  # of another neuron: likewise
    ("cancel", paths, mul(sub(a, y), x)),  # true, but three derivatives are put in as well
    ("cancel", mul(fraction, slope(a), x), mul(sub(y, a), x)),  # false
    ("cancel", mul(fraction, slope(a), x), x),
    ("cancel", Add((a, y, Neg(a))), a),
    ("one fraction", two, fraction),  # and cancelled
    ("one fraction", add(Div(y, a), x), Div(add(y, x), a)),
    ("collect", mul(fraction, D(a, z), x), mul(sub(a, y), x)),
    ("collect", add(mul(a, x), mul(y, x)), mul(add(a, y), a)),
    ("arithmetic", mul(Num("2"), a), a),
    ("local derivative", D(z, w), a),
    ("local derivative", D(J(), w), mul(sub(a, y), x)),
    ("definition", z, add(mul(w, x), ref("b2", 1))),
    ("no such rule", D(J(), w), paths),
    ("bracket picks", D(J(), w), paths),
    ("reorder", mul(a, x), mul(a, a)),
    ("name", mul(D(J(), z), x), mul(ref("d.z2", 2), x)),
    ("rewrite", slope(a), slope(other)),
]


@pytest.mark.parametrize(("rule", "before", "after"), BAD)
def test_not_that_rule(rule: str, before: Formula, after: Formula) -> None:
    assert not rules().explains(rule, normal(before), normal(after))


def test_likewise_is_the_same_of_other_entries() -> None:
    mine = rules()
    assert mine.explains("likewise", normal(D(other, ref("z2", 2))), normal(slope(other)))
    assert not mine.explains("likewise", normal(D(other, ref("z2", 2))), normal(slope(a)))
    assert not mine.explains("likewise", normal(D(other, ref("z2", 1))), normal(slope(other)))
