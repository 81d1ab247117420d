# ruff: noqa: E501
r"""The writer: golden lines of the model passages, and read(write(f)) == f."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.formula import tree as t
from symbackprop.formula.hints import Hints
from symbackprop.formula.latex_reader import read, read_formula
from symbackprop.formula.latex_writer import write
from symbackprop.formula.style import Style
from symbackprop.formula.tree import Formula, Sym

from .generated import formula

GOLDEN = r"""
\frac{\partial J}{\partial w_{21,11}} = (n_{21(out)} - z_1) n_{11(out)}
\frac{\partial J}{\partial w_{11,x}} = \left( (n_{21(out)} - z_1) w_{21,11} + (n_{22(out)} - z_2) w_{22,11} \right) n_{11(out)} (1 - n_{11(out)}) x
n_{11(in)} = w_{11,x} x + w_{11,y} y + w_{11,b}
n_{11(out)} = \frac{1}{1 + e^{-n_{11(in)}}}
w_{11,x} \leftarrow w_{11,x} - \eta \frac{\partial J}{\partial w_{11,x}}
\frac{\partial J}{\partial u} = \sum_{i=1}^{r} \frac{\partial J}{\partial v_i} \frac{\partial v_i}{\partial u}
\frac{\partial n_{21(in)}}{\partial w_{21,b}} = \frac{\partial}{\partial w_{21,b}} (w_{21,11} n_{11(out)} + w_{21,12} n_{12(out)} + w_{21,b}) = 1
\frac{\partial n_{out}}{\partial n_{in}} = -(1 + e^{-n_{in}})^{-2} \cdot (-e^{-n_{in}}) = \frac{1}{1 + e^{-n_{in}}} \cdot \frac{e^{-n_{in}}}{1 + e^{-n_{in}}}
1 - n_{out} = \frac{1 + e^{-n_{in}}}{1 + e^{-n_{in}}} - \frac{1}{1 + e^{-n_{in}}} = \frac{e^{-n_{in}}}{1 + e^{-n_{in}}}
\frac{\partial J}{\partial n_{21(out)}} = -\frac{z_1}{n_{21(out)}} + \frac{1 - z_1}{1 - n_{21(out)}}
\frac{-z_1 (1 - n_{21(out)}) + (1 - z_1) n_{21(out)}}{n_{21(out)} (1 - n_{21(out)})}
\frac{\partial J}{\partial w_{21,11}} = \frac{n_{21(out)} - z_1}{n_{21(out)} (1 - n_{21(out)})} \cdot n_{21(out)} (1 - n_{21(out)}) \cdot n_{11(out)}
\delta_{11(out)} - \eta \left( \delta_{21(in)}^2 + \delta_{22(in)}^2 \right) n_{11(out)}
z_j^l = \sum_k w_{jk}^l a_k^{l-1} + b_j^l
\frac{\partial z_m^l}{\partial z_j^l} = [m = j]
\delta_j^l = \left( \sum_k w_{kj}^{l+1} \delta_k^{l+1} \right) \sigma'(z_j^l)
\frac{\partial z_k^{l+1}}{\partial z_j^l} = \sum_m w_{km}^{l+1} \frac{\partial \sigma(z_m^l)}{\partial z_j^l}
\sum_m w_{km}^{l+1} \sigma'(z_m^l) [m = j]
\delta^l = \left( (w^{l+1})^T \delta^{l+1} \right) \odot \sigma'(z^l)
\mathrm{d}C = \delta^T (w \mathrm{d}a) = (w^T \delta)^T \mathrm{d}a
\nabla_a C = w^T \delta
\nabla_w C = \delta a^T
Z = A w^T + \mathbf{1} b^T
z_1 \log n_{21(out)} + (1 - z_1) \log (1 - n_{21(out)})
\frac{1}{2} (n_{21(out)} - z_1)^2 + \frac{1}{2} (n_{22(out)} - z_2)^2
""".strip().split("\n")


@pytest.mark.parametrize("latex", GOLDEN)
def test_model_passages_come_back_letter_for_letter(latex: str) -> None:
    assert [write(c) for c in read(latex)] == [latex]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_reading_what_was_written_gives_the_same_formula(seed: int) -> None:
    f = formula(Random(seed))
    assert read_formula(write(f)) == f


x, y, z, k = Sym("x"), Sym("y"), Sym("z"), t.Idx("k")


@pytest.mark.parametrize(
    ("built", "latex"),
    [
        (t.sub(x, t.add(y, z)), "x - (y + z)"),
        (t.Mul((x, t.Neg(y))), r"x \cdot (-y)"),
        (t.Neg(t.Neg(x)), "-(-x)"),
        (t.Mul((x, t.Num("2"))), r"x \cdot 2"),
        (t.Mul((t.Sum(x, k), y)), r"\left( \sum_k x \right) y"),
        (t.Mul((t.Call("log", (x,)), y)), r"\log (x) y"),
        (t.Mul((Sym("f"), t.add(x, y))), r"f \cdot (x + y)"),
        (t.Pow(t.Neg(x), t.Num("2")), "(-x)^2"),
        (t.Pow(t.Mul((t.add(x, y), t.add(x, z))), t.Num("2")), r"\left( (x + y) (x + z) \right)^2"),
        (t.Div(t.Div(x, y), z), r"\frac{\frac{x}{y}}{z}"),
        (t.Transpose(Sym("w", sup=("l",))), "(w^l)^T"),
        (t.Bracket(t.equal(Sym("m"), Sym("j"))), "[m = j]"),
        (t.Sym("a", sub=("j",), sup=("l",), accent="hat"), r"\hat a_j^l"),
    ],
)
def test_brackets_stand_where_they_are_needed(built: Formula, latex: str) -> None:
    assert write(built) == latex


@pytest.mark.parametrize(
    ("style", "latex"),
    [
        (Style(product="*"), "2 * x * [j = k]"),
        (Style(product="cdot"), r"2 \cdot x \cdot [j = k]"),
        (Style(kronecker="delta"), r"2 x \delta_{jk}"),
        (Style(kronecker="indicator"), r"2 x \mathbf{1}_{j = k}"),
    ],
)
def test_a_style_decides_the_looks(style: Style, latex: str) -> None:
    f = t.Mul((t.Num("2"), x, t.Bracket(t.equal(t.Idx("j"), k))))
    assert write(f, style) == latex


def test_a_style_names_quantities() -> None:
    def name(thing: object) -> Sym | str:
        if isinstance(thing, t.Ref):
            return Sym("w", sub=("2", "1", ",", "x"))
        return r"\mathrm{act}" if isinstance(thing, str) else Sym("k")

    f = t.Call("sigmoid", (t.ref("W", 1, "k"),))
    assert write(f, Style(symbol=name)) == r"\mathrm{act}(w_{21,x})"


def test_a_square_and_a_layer_are_told_apart() -> None:
    """Where a superscript 2 is a layer, a square wears brackets, and both read back."""
    style = Style(hints=Hints(index_superscripts=frozenset({"a"})))
    layer, square = Sym("a", sup=("2",)), t.Pow(Sym("a"), t.Num("2"))
    assert (write(layer, style), write(square, style)) == ("a^2", "(a)^2")
    assert read_formula("a^2", style.hints) == layer
    assert read_formula("(a)^2", style.hints) == square


def test_underscores_never_follow_a_round_bracket() -> None:
    for seed in range(300):
        assert ")_" not in write(formula(Random(seed)))
