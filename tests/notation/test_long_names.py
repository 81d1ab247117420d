"""Names with several underscores: a reader sees the name, and a writer can write it back."""

from __future__ import annotations

import pytest

from symbackprop.formula.latex_reader import read_formula
from symbackprop.formula.latex_writer import write
from symbackprop.formula.tree import Sym
from symbackprop.notation.own_names import name_pieces


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("my_long_name_1", r"\mathrm{my\_long\_name\_1}"),
        ("a_b_c", r"\mathrm{a\_b\_c}"),
        ("a__b", r"\mathrm{au5fu5fb}"),
        ("a_b_", r"\mathrm{a\_bu5f}"),
    ],
)
def test_written_and_read(name: str, latex: str) -> None:
    base, sub, sup = name_pieces(name, verbatim=False)
    assert (sub, sup) == ((), ())
    assert write(Sym(base)) == latex
    assert read_formula(latex) == Sym(base)


def test_different_names_stay_apart() -> None:
    names = ("a_b_c", "a_bc", "ab_c", "abc", "a__bc", "a_b__c", "a_b_c_", "au5fb_c_d", "a_b_c_d")
    assert len({name_pieces(name, verbatim=False) for name in names}) == len(names)
    assert len({name_pieces(name, verbatim=True) for name in names}) == len(names)
