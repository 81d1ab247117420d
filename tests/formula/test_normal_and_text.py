"""Formulas that are the same up to order and brackets; and their plain text."""

from __future__ import annotations

import pytest

from symbackprop.formula.latex_reader import read, read_formula
from symbackprop.formula.normal import canonical, same
from symbackprop.formula.text_writer import write_text
from symbackprop.formula.tree import Array, Deriv, Formula, Ref, Sum, mul, ref, sub

SAME = [
    ("a + b + c", "c + (b + a)"),
    ("a b c", "(c b) a"),
    ("a - b", "-b + a"),
    ("-(a - b)", "b - a"),
    ("(-a) b", "-(b a)"),
    (r"\sum_k w_{kj} \delta_k", r"\sum_m \delta_m w_{mj}"),
    (r"\sum_k \sum_j w_{kj}", r"\sum_a \sum_b w_{ab}"),
    (r"\sum_{i=1}^{m} x^{(i)}", r"\sum_{n=1}^{m} x^{(n)}"),
    (r"a \odot b", r"b \odot a"),
    ("[m = j]", "[j = m]"),
    (r"\frac{-a}{b}", r"-\frac{a}{b}"),
    (r"a^T (b c^T)", r"a^T b c^T"),
]
DIFFERENT = [
    ("a - b", "b - a"),
    (r"a^T b", r"b a^T"),
    (r"\sum_k w_{kj} \delta_k", r"\sum_k w_{jk} \delta_k"),
    (r"\sum_k w_{kj}", r"\sum_j w_{kj}"),
    (r"\frac{a}{b}", r"\frac{b}{a}"),
    ("a^2", "a^3"),
    (r"\sigma(z)", r"\sigma'(z)"),
    ("z", "z'"),
    ("w_{12}", "w_{1,2}"),
    (r"\frac{\partial a}{\partial b}", r"\frac{\partial b}{\partial a}"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_same(left: str, right: str) -> None:
    assert same(read_formula(left), read_formula(right))
    assert canonical(canonical(read_formula(left))) == canonical(read_formula(left))


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different(left: str, right: str) -> None:
    assert not same(read_formula(left), read_formula(right))


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (Deriv(Ref("J"), ref("w", 2, 1)), "dJ/dw[2,1]"),
        (mul(sub(Ref("a"), Ref("y")), Ref("x")), "(a - y)*x"),
        (ref("d.z1", "j"), "dJ/dz1[j]"),
        (Array("W", ()), "W"),
        (read_formula("a - (b + c)"), "a - (b + c)"),
        (read_formula(r"\frac{a}{b c}"), "a/(b*c)"),
        (read_formula(r"(a + b)^2"), "(a + b)^2"),
        (read_formula(r"\sum_{i=1}^{m} x_i"), "sum(i=1..m, x_i)"),
        (read_formula(r"W^T \delta \odot \sigma'(z)"), "(W^T @ delta) (*) sigma'(z)"),
        (read(r"w \leftarrow w - \eta g")[0], "w <- w - eta*g"),
    ],
)
def test_plain_text(formula: Formula, text: str) -> None:
    assert write_text(formula) == text


def test_unicode_text() -> None:
    assert write_text(read_formula(r"\eta \delta_j"), unicode=True) == "η*δ_j"


def test_sums_over_two_letters_keep_them_apart() -> None:
    both = read_formula(r"\sum_i \sum_j a_i b_j")
    assert isinstance(both, Sum)
    assert not same(both, read_formula(r"\sum_i \sum_j a_j b_j"))
