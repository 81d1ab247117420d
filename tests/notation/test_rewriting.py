"""Whole statements: layer numbers, ranges, index letters, functions, arguments; and back again."""

from __future__ import annotations

import random

import pytest

from symbackprop.errors import NotationError
from symbackprop.formula.latex_reader import read
from symbackprop.formula.latex_writer import write
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Ref,
    Sum,
    Sym,
    add,
    equal,
    mul,
    ref,
    sub,
)
from symbackprop.networks.builtins import find as network
from symbackprop.networks.generic import generic_mlp
from symbackprop.notation import (
    find,
    output_symbol,
    reading_hints,
    settle,
    to_meant,
    to_written,
    writing_style,
    written_range,
)
from symbackprop.notation.alternatives import in_other_form
from symbackprop.notation.corner import things
from symbackprop.system.model import System

LAYER, L, K, ONE = Idx("l"), Idx("L"), Idx("k"), Num("1")
NEXT = add(LAYER, ONE)
ANY = generic_mlp("f", cost="half-sse")


def latex(formula: Formula, notation: str, system: System) -> str:
    book = find(notation)
    return write(to_written(formula, book, system), writing_style(book, system))


def width(layer: Formula) -> Ref:
    return Ref("s", (layer,))


FORWARD = equal(
    ref("z", "l", "j"),
    add(
        Sum(
            mul(ref("w", "l", "j", "k"), ref("a", sub(LAYER, ONE), "k")),
            K,
            ONE,
            width(sub(LAYER, ONE)),
        ),
        ref("b", "l", "j"),
    ),
)
BP2 = equal(
    ref("d.z", "l", "j"),
    mul(
        Sum(mul(ref("w", NEXT, "k", "j"), ref("d.z", NEXT, "k")), K, ONE, width(NEXT)),
        Call("f", (ref("z", "l", "j"),), primes=1),
    ),
)
BP4 = equal(
    Deriv(Ref("J"), ref("w", "l", "j", "k")),
    mul(ref("a", sub(LAYER, ONE), "k"), ref("d.z", "l", "j")),
)


def test_bp2_in_both_books() -> None:
    assert latex(BP2, "nielsen", ANY) == (
        r"\delta_j^l = \left( \sum_{k=1}^{s_{l+1}} w_{kj}^{l+1} \delta_k^{l+1} \right)"
        r" \sigma'(z_j^l)"
    )
    assert latex(BP2, "ufldl", ANY) == (
        r"\delta_i^{(l)} = \left( \sum_{j=1}^{s_{l+1}} W_{ji}^{(l)} \delta_j^{(l+1)} \right)"
        r" f'(z_i^{(l)})"
    )


def test_settled_for_weights_with_the_number_of_their_sender() -> None:
    """UFLDL: z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, l = 1, ..., n_l - 1. Nielsen: as it is."""
    book = find("ufldl")
    moved, by = settle(FORWARD, book, ANY)
    assert by == 1
    assert latex(moved, "ufldl", ANY) == (
        r"z_i^{(l+1)} = \sum_{j=1}^{s_l} W_{ij}^{(l)} a_j^{(l)} + b_i^{(l)}"
    )
    low, high = written_range(ONE, L, book, ANY, by)
    assert (low, high) == (ONE, Add((Sym("n", ("l",)), Neg(ONE))))
    assert settle(BP2, book, ANY) == (BP2, 0)
    assert settle(FORWARD, find("nielsen"), ANY) == (FORWARD, 0)
    assert written_range(ONE, L, find("nielsen"), ANY) == (Num("2"), Sym("L"))


def test_settled_gradient() -> None:
    moved, _ = settle(BP4, find("ufldl"), ANY)
    text = latex(moved, "ufldl", ANY)
    assert text.endswith(r"= a_j^{(l)} \delta_i^{(l+1)}")
    assert r"{\partial W_{ij}^{(l)}}" in text


def test_sum_over_layers() -> None:
    """Weight decay: the sum over l = 1..L of w[l] is UFLDL's sum from 1 to n_l - 1 of W^{(l)}."""
    decay = Sum(ref("w", "l", "j", "k"), LAYER, ONE, L)
    assert latex(decay, "nielsen", ANY) == r"\sum_{l=2}^{L} w_{jk}^l"
    assert latex(decay, "default", ANY) == r"\sum_{l=1}^{L} W_{jk}^{(l)}"
    moved, _ = settle(decay, find("ufldl"), ANY)
    assert latex(moved, "ufldl", ANY) == r"\sum_{l=1}^{n_l - 1} W_{ij}^{(l)}"


def test_layer_statements() -> None:
    assert latex(Chain((LAYER, ONE), ("=",)), "nielsen", ANY) == "l = 2"
    assert latex(equal(LAYER, sub(L, ONE)), "ufldl", ANY) == "l = n_l - 1"
    assert latex(mul(Num("2"), LAYER), "nielsen", ANY) == "2 l - 2"


def test_cost_with_arguments() -> None:
    one, many = network("ufldl-any"), generic_mlp("f", cost="half-sse", bias="none")
    assert latex(Ref("J"), "ufldl", one) == "J(W, b)"
    assert latex(Ref("J"), "ufldl", many) == "J(W; x, y)"
    book = find("ufldl")
    read_back = read(r"J(W, b; x, y) = 1", reading_hints(book, ANY))[0]
    assert to_meant(read_back, book, ANY) == equal(Ref("J"), ONE)


def test_other_name_of_the_output() -> None:
    book, net = find("ufldl"), network("3-3-1")
    assert write(output_symbol(book, net), writing_style(book, net)) == "h_{W,b}(x)"
    assert to_meant(output_symbol(book, net), book, net) == ref("a2", 1)
    assert to_meant(output_symbol(book, ANY), book, ANY) == Array("a", (L,))
    with pytest.raises(NotationError):
        output_symbol(find("nielsen"), net)


def test_function_names() -> None:
    net = network("csdn")
    call = Call("sigmoid", (ref("z1", 1),), primes=1)
    assert latex(call, "csdn", net) == r"\mathrm{sigmoid}'(H1)"
    assert latex(call, "nielsen", net) == r"\sigma'(z_1^2)"
    assert latex(call, "ufldl", net) == "f'(z_1^{(2)})"
    book = find("csdn")
    other = read("f(Q1)", reading_hints(book, net))[0].members[0]
    assert to_meant(other, book, net) == Call("sigmoid", (ref("z2", 1),))


def test_two_activations_keep_their_names() -> None:
    net = network("2-2-2", activation="softplus", output_activation="sigmoid")
    hidden = latex(Call("softplus", (ref("z1", 1),)), "nielsen", net)
    output = latex(Call("sigmoid", (ref("z2", 1),)), "nielsen", net)
    assert hidden.split("(")[0] != output.split("(")[0]


def test_other_forms() -> None:
    net = network("csdn")
    (difference,) = find("csdn").alternatives
    given = mul(ref("a1", 1), sub(ref("a2", 1), ref("y", 1)), ref("a2", 1))
    assert latex(in_other_form(given, difference, net), "csdn", net) == (
        r"P1 * \left( -(Y1 - O1) \right) * O1"
    )
    assert in_other_form(sub(ref("y", 1), ref("a2", 1)), difference, net) == sub(
        ref("y", 1), ref("a2", 1)
    )
    (swap,) = find("nielsen").alternatives
    gradient = mul(ref("a1", 2), ref("d.z2", 1))
    assert in_other_form(gradient, swap, net) == mul(ref("d.z2", 1), ref("a1", 2))


# --- there and back ---------------------------------------------------------------------------


def some_formula(leaves: list[Formula], rng: random.Random, depth: int) -> Formula:
    """A random formula over the leaves, with sums over unit and layer letters."""
    if depth == 0:
        return rng.choice(leaves)
    parts = [some_formula(leaves, rng, depth - 1) for _ in range(2)]
    kind = rng.choice(["add", "mul", "neg", "deriv", "sum", "call", "leaf"])
    if kind == "add":
        return Add(tuple(parts))
    if kind == "mul":
        return Mul(tuple(parts))
    if kind == "neg":
        return Neg(parts[0])
    if kind == "deriv":
        return Deriv(rng.choice(leaves), rng.choice(leaves))
    if kind == "sum":
        return Sum(parts[0], Idx(rng.choice("jkl")), ONE, rng.choice([Num("3"), Idx("m")]))
    if kind == "call":
        return Call("exp", (parts[0],))
    return parts[0]


NETWORKS = ["chang-neuron", "2-2-2", "3-4-2", "11-12-2", "3-4-3-2", "nielsen", "ufldl-any"]
NETWORKS += ["elman", "residual", "softmax-regression", "csdn", "lee"]
NOTATIONS = ["chang", "ufldl", "lee", "nielsen", "csdn", "default"]


LARGE = ("11-12-2", "3-4-3-2", "elman", "residual", "ufldl-any")


@pytest.mark.parametrize(
    "system",
    [pytest.param(s, marks=[pytest.mark.slow] if s in LARGE else []) for s in NETWORKS],
)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_symbol_reads_back(notation: str, system: str) -> None:
    """Written to LaTeX, read again, it means the same; and formulas made of them do too."""
    net, book = network(system), find(notation)
    try:
        book.check_domain(net)
    except NotationError:
        pytest.skip("outside the domain")
    style, hints = writing_style(book, net), reading_hints(book, net)
    leaves: list[Formula] = []
    seen: dict[str, Formula] = {}
    for thing in things(net):  # type: ignore[arg-type]
        try:
            written = to_written(thing, book, net)
        except NotationError:
            continue
        text = write(written, style)
        assert seen.setdefault(text, thing) == thing, text
        (chain,) = read(text + " = 1", hints)
        assert to_meant(chain.members[0], book, net) == thing, text
        leaves.append(thing)
    rng = random.Random(f"{notation} {system}")
    for _ in range(200):
        formula = some_formula(leaves, rng, 3)
        assert to_meant(to_written(formula, book, net), book, net) == formula
