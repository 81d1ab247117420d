"""What is missing, found by numbers: what a part must be worth, and which formula is worth that."""

from __future__ import annotations

import pytest

from symbackprop.formula import tree as t
from symbackprop.judging.diagnose import diagnose
from symbackprop.judging.guided.missing import Guide
from symbackprop.judging.guided.needed import Solver
from symbackprop.judging.guided.siblings import variants
from symbackprop.judging.guided.table import Table
from symbackprop.judging.judge import Judge
from symbackprop.judging.repairs import REPAIRS
from symbackprop.judging.screening import Screen
from symbackprop.networks import mlp

SYSTEM = mlp([2, 2, 2], "sigmoid", cost="half-sse")
HALF = t.Div(t.ONE, t.Num("2"))


def error(o: int) -> t.Formula:
    a = t.ref("a2", o)
    return t.mul(t.sub(a, t.ref("y", o)), a, t.sub(t.ONE, a))


def path(o: int) -> t.Formula:
    return t.mul(error(o), t.ref("W2", o, 1))


SLOPE = t.mul(t.ref("a1", 1), t.sub(t.ONE, t.ref("a1", 1)))
TRUE = t.mul(t.add(path(1), path(2)), SLOPE)
LEFT = t.ref("d.z1", 1)


def screen(wrong: t.Formula) -> Screen:
    return Screen(Judge(SYSTEM), LEFT, wrong, {}, {}, ())


def test_the_screen_knows_right_from_wrong() -> None:
    found = screen(TRUE)
    assert found.ratio(LEFT, TRUE) == 1
    assert found.ratio(LEFT, t.Neg(TRUE)) == -1
    assert found.ratio(LEFT, t.mul(HALF, TRUE)) == 2
    assert found.ratio(LEFT, t.mul(t.Num("3"), TRUE)) is None
    assert found.ratio(LEFT, t.ref("a1", 7)) is None  # no such entry


def test_each_part_needs_what_it_is_worth_in_a_true_formula() -> None:
    solver = Solver(screen(TRUE))
    places = list(solver.places())
    assert len(places) > 10
    for place in places:
        if place.inside is not t.Pow:
            assert place.needed == pytest.approx(place.values)
        assert place.whole(place.node) == TRUE


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (t.mul(t.add(path(1), path(2)), t.sub(t.ONE, t.ref("a1", 1))), "missing-factor"),
        (t.mul(t.add(path(1), error(2)), SLOPE), "missing-factor"),
        (t.mul(t.add(path(1), t.ref("W2", 2, 1)), SLOPE), "missing-factor"),
        (t.mul(path(1), SLOPE), "missing-term"),
        (t.mul(path(2), SLOPE), "missing-sum"),  # over 1 and 2
    ],
)
def test_what_is_missing_is_found(wrong: t.Formula, kind: str) -> None:
    judge = Judge(SYSTEM)
    found = diagnose(t.equal(LEFT, wrong), judge, costs={}, seconds=20)
    assert found is not None
    assert found.verdict.kind == "proved"
    assert found.code == kind


def test_a_guide_says_nothing_of_what_is_only_turned_round() -> None:
    """A sign is no factor."""
    guide = Guide(screen(t.Neg(TRUE)), ())
    for f in guide.factors():
        assert guide.solver.values(f) != pytest.approx(guide.solver.target)


def test_a_table_finds_up_to_the_sign() -> None:
    table = Table()
    a, b = t.ref("a"), t.ref("b")
    table.add(a, [0.5, 2.0])
    table.add(b, [0.5, -2.0])
    table.add(t.ref("zero"), [0.0, 1.0])
    assert list(table.find([0.5, 2.0])) == [(1, a)]
    assert list(table.find([-0.5, 2.0])) == [(-1, b)]
    assert list(table.find([0.5 + 1e-12, 2.0])) == [(1, a)]
    assert not list(table.find([0.5, 2.1]))
    assert not list(table.find([0.0, 1.0]))


def test_variants_change_all_occurrences_alike() -> None:
    guide = Guide(screen(TRUE), (t.Num("1"), t.Num("2")))
    assert path(2) in set(variants(path(1), guide.atoms))


A, B = t.ref("a1", 1), t.ref("a1", 2)


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("regroup", t.sub(t.mul(A, t.ONE), t.mul(A, B)), t.mul(A, t.sub(t.ONE, t.mul(A, B)))),
        ("regroup", t.add(A, B, t.mul(A, B)), t.mul(t.add(A, B, A), B)),
        ("regroup", t.add(t.Neg(A), B), t.Neg(t.add(A, B))),
        ("regroup", t.sub(A, t.Pow(B, t.Num("2"))), t.Pow(t.sub(A, B), t.Num("2"))),
        ("regroup", t.mul(t.add(A, B), A, B), t.mul(t.add(A, t.mul(B, A)), B)),
        ("part-product", t.mul(A, B, A), t.mul(t.add(A, B), A)),
        ("part-product", t.add(A, B, t.ONE), t.add(t.mul(A, B), t.ONE)),
        ("square", A, t.Pow(A, t.Num("2"))),
        ("product-kind", t.MatMul((t.Array("a1"), t.Array("z1"))),
         t.Hadamard((t.Array("a1"), t.Array("z1")))),
        ("partial", t.Div(t.ref("J"), t.ref("y")), t.Deriv(t.ref("J"), t.ref("y"))),
        ("missing-factor", t.Array("z1"), t.Hadamard((t.Array("z1"), t.Array("a1")))),
        ("missing-factor", t.Sum(A, t.Idx("j")), t.Sum(t.mul(A, t.ref("y", 1)), t.Idx("j"))),
    ],
)  # fmt: skip
def test_rows_offer_what_is_right(name: str, wrong: t.Formula, right: t.Formula) -> None:
    from symbackprop.judging.repairs import Setting

    [row] = [r for r in REPAIRS if r.name == name]
    setting = Setting(SYSTEM, (t.Num("1"), t.Num("2")), t.Array("a1") if "z1" in str(wrong) else A)
    assert right in set(row.edits(wrong, setting))
