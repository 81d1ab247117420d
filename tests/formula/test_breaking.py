"""Line breaks: never too wide where a break exists, never another formula."""

from __future__ import annotations

from random import Random

import pytest

from symbackprop.formula import tree as t
from symbackprop.formula.breaking import break_formula, cuts, lines, write_chain_aligned
from symbackprop.formula.latex_reader import read
from symbackprop.formula.latex_writer import write
from symbackprop.formula.normal import same
from symbackprop.formula.tree import Sym, equal
from symbackprop.formula.widths import width

from .generated import formula, symbol

LONG = read(
    r"\frac{\partial J}{\partial w} = \left( (n_{21(out)} - z_1) w_{21,11} "
    r"+ (n_{22(out)} - z_2) w_{22,11} \right) n_{11(out)} (1 - n_{11(out)}) x"
)[0]


def test_a_short_statement_is_one_plain_line() -> None:
    assert write_chain_aligned([equal(Sym("a"), Sym("b"))], 30) == "a = b"


def test_several_statements_are_aligned_at_their_relations() -> None:
    chains = [equal(Sym("a"), Sym("b")), equal(Sym("c"), Sym("d"), Sym("e"))]
    assert write_chain_aligned(chains, 30) == (
        "\\begin{aligned}\na &= b \\\\\nc &= d = e\n\\end{aligned}"
    )


def test_each_relation_can_have_its_row() -> None:
    chain = equal(Sym("a"), Sym("b"), Sym("c"))
    assert write_chain_aligned([chain], 30, each=True) == (
        "\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}"
    )


def test_a_tall_bracket_that_is_broken_gets_fixed_size() -> None:
    broken = write_chain_aligned([LONG], 18)
    assert r"\bigl(" in broken
    assert r"\bigr)" in broken
    assert same(read(broken)[0], LONG)


@pytest.mark.parametrize("limit", [34, 22, 14])
def test_no_line_is_too_wide_where_a_break_point_exists(limit: int) -> None:
    for seed in range(150):
        r = Random(seed)
        f = t.Add(tuple(formula(r, 2) for _ in range(6)))
        for line in break_formula(f, limit):
            assert width(line) <= limit + 0.8 or not cuts(line)


@pytest.mark.parametrize("limit", [34, 20, 12])
def test_breaking_changes_nothing(limit: int) -> None:
    for seed in range(150):
        r = Random(seed)
        chain = equal(symbol(r), formula(r), formula(r))
        back = read(write_chain_aligned([chain], limit))
        assert len(back) == 1
        assert same(back[0], chain), write(chain)


def test_a_million_terms_are_broken_in_linear_time() -> None:
    text = " + ".join(["x_{11}"] * 5000)
    found = lines(text, 30)
    assert max(map(width, found)) <= 30


@pytest.mark.parametrize(
    ("latex", "em"),
    [("x", 0.53), ("a + b", 2.3), (r"\frac{a + b}{c}", 2.6), (r"w_{21,11}", 2.6), (r"e^{-z}", 1.3)],
)
def test_widths_are_near_those_of_computer_modern(latex: str, em: float) -> None:
    assert width(latex) == pytest.approx(em, rel=0.25)
