"""Every book's LaTeX reads back: all equations of all built-in networks in all notations."""

from __future__ import annotations

import pytest

from symbackprop.calculus.written import Writer
from symbackprop.errors import SymbackpropError
from symbackprop.formula.breaking import write_chain_aligned
from symbackprop.formula.latex_reader import read
from symbackprop.formula.normal import same
from symbackprop.formula.tree import Add, Chain, Deriv, Div, Mul, Neg, Num, Pow, Ref
from symbackprop.networks import find as network
from symbackprop.networks import names as network_names
from symbackprop.notation import find as notation
from symbackprop.notation import names as notation_names
from symbackprop.notation import reading_hints, to_written, writing_style


@pytest.mark.slow
@pytest.mark.parametrize("book", notation_names())
def test_a_book_reads_what_it_printed(book: str) -> None:
    checked = 0
    for name in network_names():
        system, letters = network(name), notation(book)
        try:
            style, hints = writing_style(letters, system), reading_hints(letters, system)
        except (SymbackpropError, TypeError):  # outside the book's domain
            continue
        as_formula = Writer(system)
        for equation in system.equations:
            left, right = as_formula(equation.lhs), as_formula(equation.rhs)
            for meant in (
                Chain((left, right), ("=",)),
                Chain((Deriv(Ref(system.cost), left), Mul((left, Pow(left, Num("2"))))), ("=",)),
                Chain((left, Add((left, Neg(right)))), ("<-",)),
                Chain((Mul((right, left)), Div(right, left)), ("=",)),
                Chain((Deriv(right, left), Deriv(right, left, operator=True)), ("=",)),
            ):
                try:
                    written = to_written(meant, letters, system)
                except SymbackpropError:
                    continue
                assert isinstance(written, Chain)
                for width in (34.0, 16.0):
                    back = read(write_chain_aligned([written], width, style), hints)
                    assert len(back) == 1
                    assert same(back[0], written)
                checked += 1
    assert checked > 20
