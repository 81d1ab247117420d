# ruff: noqa: E501
"""Line breaks: never too wide where a break exists, never another formula."""

from __future__ import annotations

import subprocess
import sys
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


MEASURED = [
    (
        r"\sum_{j=1}^{S_{n_l}} \delta_j^{(n_l)} \cdot \frac{\partial}{\partial z_i^{n_l-1}} \left( \sum_{k=1}^{S_{n_l-1}} f(z_k^{n_l-1}) \cdot W_{jk}^{n_l-1} \right)",
        19.1,
    ),
    (
        r"\frac{\partial n_{11(out)}}{\partial n_{11(in)}} = \frac{\partial}{\partial n_{11(in)}} \left( \frac{1}{1 + e^{-n_{11(in)}}} \right) = n_{11(out)} (1 - n_{11(out)})",
        26.6,
    ),
    (
        r"\frac{\partial J}{\partial w_{11,x}} = \frac{\partial J}{\partial n_{11(out)}} \frac{\partial n_{11(out)}}{\partial n_{11(in)}} \frac{\partial n_{11(in)}}{\partial w_{11,x}}",
        16.2,
    ),
    (
        r"\delta_{21(in)} = \frac{\partial J}{\partial n_{21(in)}} = \frac{\partial J}{\partial n_{21(out)}} \frac{\partial n_{21(out)}}{\partial n_{21(in)}} = n_{21(out)} - z_1",
        23.9,
    ),
    (
        r"\frac{\partial J}{\partial w_2} = \frac{\partial J}{\partial n_{out}} \frac{\partial n_{out}}{\partial n_{in}} \frac{\partial n_{in}}{\partial w_2} = (n_{out} - y) x_2",
        17.6,
    ),
    (
        r"W^{(l)} = W^{(l)} - \alpha \left( \frac{1}{m} \Delta W^{(l)} + \lambda W^{(l)} \right)",
        16.7,
    ),
    (r"V11 \cdot X1 + V21 \cdot X2 + b1", 11.2),
    (
        r"\frac{\partial n_{21(in)}}{\partial w_{21,b}} = \frac{\partial}{\partial w_{21,b}} (w_{21,11} n_{11(out)} + w_{21,12} n_{12(out)} + w_{21,b}) = 1",
        26.9,
    ),
    (
        r"\left( (n_{21(out)} - z_1) w_{21,11} + (n_{22(out)} - z_2) w_{22,11} \right) n_{11(out)} (1 - n_{11(out)}) y",
        29.3,
    ),
    (r"\frac{\partial (V11 \cdot X1 + V21 \cdot X2 + b1)}{\partial V11}", 12.8),
    (
        r"\frac{\partial J}{\partial w_{11,b}} = \left( (n_{21(out)} - z_1) w_{21,11} + (n_{22(out)} - z_2) w_{22,11} \right) n_{11(out)} (1 - n_{11(out)})",
        33.1,
    ),
    (r"\delta_{12(out)} = w_{21,12} \delta_{21(in)} + w_{22,12} \delta_{22(in)}", 16.2),
]
"""Formulas with their width in em as TeX sets them in display style (Computer Modern, 10 point)."""


@pytest.mark.parametrize(("latex", "em"), MEASURED)
def test_widths_are_near_those_that_tex_measures(latex: str, em: float) -> None:
    assert width(latex) == pytest.approx(em, rel=0.09)


def test_reading_and_writing_load_no_sympy() -> None:
    code = (
        "import sys, symbackprop.formula.latex_reader, symbackprop.formula.breaking;"
        "import symbackprop.formula.normal, symbackprop.formula.text_writer;"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("term", "size"),
    [
        (r"(a - b) c", "big"),
        (r"(a_1^{(4)} - y_1) b_1^{(2)}", "Big"),
        (r"\frac{\partial J}{\partial a_1} b", "bigg"),
        (r"\sum_{k=1}^{3} w_k d_k", "Bigg"),
    ],
)
def test_broken_brackets_are_as_tall_as_what_they_hold(term: str, size: str) -> None:
    (long,) = read(rf"y = \left( {' + '.join([term] * 8)} \right) x")
    text = write_chain_aligned([long], 16)
    assert rf"\{size}l(" in text
    assert rf"\{size}r)" in text
    assert same(read(text)[0], long)
