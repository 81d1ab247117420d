"""Each book's symbols, as they stand in the book."""

from __future__ import annotations

import pytest

from symbackprop.errors import NotationError, UnknownName
from symbackprop.formula.latex_reader import read_formula
from symbackprop.formula.latex_writer import write
from symbackprop.formula.tree import Array, Formula, Idx, Num, add, ref, sub
from symbackprop.networks.builtins import find as network
from symbackprop.notation import find, names, reading_hints, to_meant, to_written, writing_style
from symbackprop.system.model import System

LAYER, L, ONE = Idx("l"), Idx("L"), Num("1")


def latex(thing: Formula, notation: str, system: System) -> str:
    book = find(notation)
    return write(to_written(thing, book, system), writing_style(book, system))


CHANG = [
    (ref("x", 1), "x"),
    (ref("x", 2), "y"),
    (ref("y", 1), "z_1"),
    (ref("y", 2), "z_2"),
    (ref("W1", 1, 1), "w_{11,x}"),
    (ref("W1", 2, 2), "w_{12,y}"),
    (ref("b1", 1), "w_{11,b}"),
    (ref("W2", 1, 1), "w_{21,11}"),
    (ref("W2", 2, 1), "w_{22,11}"),
    (ref("b2", 2), "w_{22,b}"),
    (ref("z1", 1), "n_{11(in)}"),
    (ref("a1", 2), "n_{12(out)}"),
    (ref("z2", 1), "n_{21(in)}"),
    (ref("a2", 2), "n_{22(out)}"),
    (ref("d.z2", 1), r"\delta_{21(in)}"),
    (ref("d.a1", 1), r"\delta_{11(out)}"),
    (ref("J"), "J"),
    (ref("eta"), r"\eta"),
]

NEURON = [
    (ref("x", 1), "x_1"),
    (ref("W1", 1, 2), "w_2"),
    (ref("b1", 1), "w_b"),
    (ref("z1", 1), "n_{in}"),
    (ref("a1", 1), "n_{out}"),
    (ref("y", 1), "y"),
]

WIDE_CHANG = [  # n_{111} could be unit 11 of layer 1 or unit 1 of layer 11
    (ref("x", 3), "x_3"),
    (ref("W1", 9, 3), "w_{19,x_3}"),
    (ref("W1", 12, 3), "w_{1,12;x_3}"),
    (ref("z1", 11), "n_{1,11(in)}"),
    (ref("W2", 2, 12), "w_{2,2;1,12}"),
    (ref("b1", 10), "w_{1,10;b}"),
    (ref("a1", 9), "n_{19(out)}"),
]

CSDN = [
    (ref("x", 1), "X1"),
    (ref("W1", 1, 2), "V21"),  # from X2 to H1: the sender first
    (ref("W1", "j", "k"), "V_{kj}"),
    (ref("b1"), "b1"),
    (ref("z1", 3), "H3"),
    (ref("a1", 3), "P3"),
    (ref("W2", 2, 3), "W32"),
    (ref("b2"), "b2"),
    (ref("z2", 1), "Q1"),
    (ref("a2", 2), "O2"),
    (ref("y", 2), "Y2"),
    (ref("J"), "E_{total}"),
    (Array("W1"), "V"),
]

LEE = [
    (ref("x", 1), "x_1"),
    (ref("W1", 1, 2), "w_2"),
    (ref("z1", 1), "z"),
    (ref("a1", 1), "a"),
    (ref("W2", 1, 1), "w_3"),
    (ref("W2", 2, 1), "w_4"),
    (ref("z2", 1), "z'"),
    (ref("z2", 2), "z''"),
    (ref("b2", 2), "b''"),
    (ref("a2", 1), "y_1"),
    (ref("y", 1), r"\hat y_1"),
    (ref("J"), "C"),
]

NIELSEN = [
    (ref("w", "l", "j", "k"), "w_{jk}^l"),
    (ref("w", add(LAYER, ONE), "k", "j"), "w_{kj}^{l+1}"),
    (ref("a", sub(LAYER, ONE), "k"), "a_k^{l-1}"),
    (ref("a", 0, "j"), "a_j^1"),
    (ref("z", L, "j"), "z_j^L"),
    (ref("b", "l", "j"), "b_j^l"),
    (ref("d.z", "l", "j"), r"\delta_j^l"),
    (ref("s", "l"), "s_l"),
    (ref("J"), "C"),
    (Array("w", (LAYER,)), "w^l"),
    (ref("w", 1, 2, 3), "w_{23}^2"),  # Nielsen's layer 1 is the input
    (ref("w", 1, 12, 3), "w_{12,3}^2"),
]

UFLDL = [
    (
        ref("w", add(LAYER, ONE), "j", "k"),
        "W_{ij}^{(l)}",
    ),  # from unit j of layer l to unit i of l+1
    (ref("b", add(LAYER, ONE), "j"), "b_i^{(l)}"),
    (ref("z", add(LAYER, ONE), "n", "j"), "z_i^{(l+1,t)}"),
    (Array("a", (L, Idx("n"))), "a^{(n_l,t)}"),
    (Array("x", (Idx("n"),)), "x^{(t)}"),
    (ref("w", L, "j", "k"), "W_{ij}^{(n_l-1)}"),
    (ref("s", add(LAYER, ONE)), "s_{l+1}"),
    (ref("lambda"), r"\lambda"),
    (ref("eta"), r"\alpha"),
    (Idx("m"), "m"),
]

DEFAULT = [
    (ref("x", "k"), "x_k"),
    (ref("W2", "j", "k"), "W_{jk}^{(2)}"),
    (ref("b1", "j"), "b_j^{(1)}"),
    (ref("a2", 2), "a_2^{(2)}"),
    (ref("d.z1", "j"), r"\delta_j^{(1)}"),
    (ref("y", "j"), "y_j"),
    (ref("r", "j"), "r_j"),
    (Array("W1"), "W^{(1)}"),
    (Array("d.z1"), r"\delta^{(1)}"),
]

ELMAN = [
    (ref("h", "t", "i"), "h_{t,i}"),
    (ref("h", sub(Idx("t"), ONE), "j"), "h_{t-1,j}"),
    (ref("h0", "i"), "h_i^{(0)}"),
    (ref("U", "i", "j"), "U_{ij}"),
    (ref("c", "o"), "c_o"),
    (ref("d.h", "t", "i"), r"\bar h_{t,i}"),
    (ref("d.z", "t", "i"), r"\delta_{t,i}^z"),  # one delta for each of two pre-activations
    (Array("h", (Idx("t"),)), "h_t"),
    (Array("V"), "V"),
]

TABLES = [
    ("chang", "chang", CHANG),
    ("chang", "chang-neuron", NEURON),
    ("chang-neuron", "chang-neuron", NEURON),
    ("chang", "3-12-3", WIDE_CHANG),
    ("csdn", "csdn", CSDN),
    ("lee", "2-1-2", LEE),
    ("nielsen", "nielsen", NIELSEN),
    ("ufldl", "ufldl-any", UFLDL),
    ("default", "residual", DEFAULT),
    ("default", "elman", ELMAN),
    ("nielsen", "elman", ELMAN),
    ("ufldl", "elman", ELMAN),
]


@pytest.mark.parametrize(
    ("notation", "system", "thing", "text"),
    [(n, s, thing, text) for n, s, table in TABLES for thing, text in table],
)
def test_symbol(notation: str, system: str, thing: Formula, text: str) -> None:
    net = network(system)
    assert latex(thing, notation, net) == text
    book = find(notation)
    assert to_meant(read_formula(text, reading_hints(book, net)), book, net) == thing


def test_samples() -> None:
    """The sample's place in each book."""
    net = network("ufldl-any")
    a = ref("a", "l", "n", "j")
    assert latex(a, "nielsen", net) == "a_j^{l,n}"
    assert latex(a, "default", net) == "a_{n,j}^{(l)}"
    assert latex(Array("a", (LAYER,)), "default", net) == "A^{(l)}"
    assert latex(Array("z", (LAYER, Idx("n"))), "nielsen", net) == "z^{l,n}"


def test_unknown_name() -> None:
    with pytest.raises(UnknownName, match="nielsen"):
        find("nielson")
    assert set(names()) >= {"chang", "ufldl", "lee", "nielsen", "csdn", "default"}


@pytest.mark.parametrize(
    ("notation", "system", "why"),
    [
        ("csdn", "2-3-3-2", "one hidden layer"),
        ("csdn", "nielsen", "one hidden layer"),
        ("chang", "nielsen", "fixed depth"),
        ("chang", "elman", "fixed depth"),
        ("chang-neuron", "2-2-2", "single neuron"),
        ("lee", "2-2-2-2", "two weight layers"),
        ("lee", "2-2-4", "at most 3 output"),
        ("lee", "residual", "small layered network"),
    ],
)
def test_outside_the_domain(notation: str, system: str, why: str) -> None:
    with pytest.raises(NotationError, match=why):
        find(notation).check_domain(network(system))


@pytest.mark.parametrize("notation", ["chang", "ufldl", "lee", "nielsen", "csdn", "default"])
def test_the_built_ins_are_in_the_domain_of_their_own_notation(notation: str) -> None:
    from symbackprop.networks.builtins import BUILTINS

    for row in BUILTINS.values():
        if row.notation == notation:
            find(notation).check_domain(network(row.name))


def test_a_layer_that_is_not_there() -> None:
    """The only pre-activation of a network is that of layer 1, not of any layer."""
    net, book = network("softmax-regression"), find("default")
    hints = reading_hints(book, net)
    assert book.read_symbol(read_formula("z_1^{(1)}", hints), net) == ref("z1", 1)  # type: ignore[arg-type]
    assert book.read_symbol(read_formula("z_1^{(5)}", hints), net) is None  # type: ignore[arg-type]
    assert book.read_symbol(read_formula("z_4^{(1)}", hints), net) is None  # type: ignore[arg-type]


def test_no_letter_is_said_plainly() -> None:
    with pytest.raises(NotationError, match=r"no letter for W2\[j, k\]"):
        find("lee").write_symbol(ref("W2", "j", "k"), network("2-1-2"))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (r"n_{11(\text{in})}", ref("z1", 1)),
        (r"n_{11(\mathrm{out})}", ref("a1", 1)),
        (r"\delta_{21({\rm in})}", ref("d.z2", 1)),
        (r"n_{1,1(in)}", ref("z1", 1)),
        (r"n_{13(in)}", None),  # there is no third neuron
        (r"w_{31,21}", None),
        (r"w_{21,21}", None),
    ],
)
def test_reading_what_others_write(text: str, meaning: Formula | None) -> None:
    net, book = network("chang"), find("chang")
    sym = read_formula(text, reading_hints(book, net))
    assert book.read_symbol(sym, net) == meaning  # type: ignore[arg-type]
