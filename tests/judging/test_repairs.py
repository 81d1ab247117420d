"""For wrong statements the intended one is found, and every suggestion is true."""

from __future__ import annotations

import pytest

from symbackprop.formula.tree import Array, Chain, Hadamard, MatMul, Transpose, equal, mul, ref, sub
from symbackprop.judging.diagnose import diagnose
from symbackprop.judging.judge import Judge
from symbackprop.judging.repairs import REPAIRS

from .statements import over, slope
from .test_false_statements import BCE, DEEP, FALSE, ILL, RECTANGLE, SQUARE, back, error

CODES = {
    "sign": "sign",
    "factor 2": "constant",
    "lost half": "constant",
    "1/m lost": "constant",
    "regrouping": "regroup",
    "missing f'": "slope",
    "extra f'": "dropped",
    "swapped indices": "indices",
    "swapped in derivative": "indices",
    "lost transpose": "transpose",
    "z for a": "name",
    "other error": "name",
    "missing bias": "missing-term",
    "missing path": "missing-sum",
    "other cost": "other-cost",
    "inner derivative lost": "sign",
    "decay lost": "missing-term",
    "slope at a": "name",
    "f for f'": "slope",
    "tanh's slope": "slope",
    "exp of a sum": "product-for-sum",
}


@pytest.mark.parametrize("row", FALSE, ids=[f[0] for f in FALSE])
def test_the_repair_is_true_and_of_the_right_kind(row: tuple) -> None:  # type: ignore[type-arg]
    name, system, left, right = row
    judge = Judge(system)
    found = diagnose(equal(left, right), judge, seconds=5)
    if name not in CODES:
        return
    assert found is not None
    assert found.code == CODES[name], found
    assert found.verdict.accepted
    for tie in found.ties:
        assert tie.verdict.accepted
        assert tie.cost == found.cost


def test_ill_formed_layers_are_mended() -> None:
    wrong = {row[0]: equal(row[2], row[3]) for row in ILL}
    judge = Judge(DEEP)
    for name in ("wrong layer", "l for l+1"):
        found = diagnose(wrong[name], judge, seconds=10)
        assert found is not None
        assert found.code == "layer"
        assert found.verdict.kind == "proved"


def test_shapes_are_mended() -> None:
    judge = Judge(RECTANGLE)
    outer = equal(Array("d.W2"), MatMul((Transpose(Array("d.z2")), Array("a1"))))
    found = diagnose(outer, judge)
    assert found is not None
    assert found.code == "transpose"
    dot = equal(Array("d.z1"), MatMul((Array("d.a1"), Hadamard((Array("a1"), Array("a1"))))))
    assert Judge(RECTANGLE).judge(dot).kind == "ill_formed"


def test_nothing_is_suggested_for_a_true_statement() -> None:
    judge = Judge(BCE)
    assert diagnose(equal(ref("d.z2", "j"), error), judge) is None


def test_two_edits_where_one_is_a_sign() -> None:
    """The slope is missing and the difference is the wrong way round."""
    wrong = equal(ref("d.z2", "j"), sub(ref("y", "j"), ref("a2", "j")))
    found = diagnose(wrong, Judge(SQUARE), costs={}, seconds=5)
    assert found is not None
    assert found.code == "slope+sign"
    assert found.verdict.kind == "proved"


def test_an_update_in_the_wrong_direction() -> None:
    g = mul(ref("eta"), ref("d.W1", "j", "k"))
    wrong = Chain((ref("W1", "j", "k"), mul(ref("W1", "j", "k"), g)), ("<-",))
    found = diagnose(wrong, Judge(SQUARE), seconds=5)
    assert found is not None
    assert found.code == "product-for-sum"


def test_a_chain_names_the_member() -> None:
    wrong = equal(
        ref("d.z1", "k"),
        back,
        mul(over("j", mul(ref("W2", "j", "k"), ref("d.z2", "j"))), slope(ref("a1", "k"))),
    )
    found = diagnose(wrong, Judge(SQUARE), seconds=5)
    assert found is not None
    assert found.member == 1
    assert found.verdict.accepted


def test_the_registry_is_in_order() -> None:
    names = [r.name for r in REPAIRS]
    assert len(names) == len(set(names))
    assert all(r.meaning and r.cost in (1, 2, 3) for r in REPAIRS)
