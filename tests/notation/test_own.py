"""A notation of a user's own; what is ambiguous is refused; names that no book has letters for."""

from __future__ import annotations

import pytest
import sympy as sp

from symbackprop.errors import NotationError
from symbackprop.formula.latex_reader import read_formula
from symbackprop.formula.latex_writer import write
from symbackprop.formula.tree import Array, Idx, Num, Ref, Sym, ref
from symbackprop.networks.builtins import find as network
from symbackprop.notation import (
    Notation,
    Pattern,
    find,
    names,
    reading_hints,
    to_meant,
    to_written,
    writing_style,
)
from symbackprop.notation.corner import Corner, check_corners, layers, standard
from symbackprop.notation.slots import Slot, ref_of, slot_of
from symbackprop.system.model import Axis, Description, Quantity, index

BISHOP = (
    Pattern("input", "x_{<unit>}"),
    Pattern("target", "t_{<unit>}"),
    Pattern("weight", "w_{<to,from>}^{(<layer>)}", "W^{(<layer>)}"),
    Pattern("bias", "w_{<unit>0}^{(<layer>)}"),
    Pattern("bias", "w_0^{(<layer>)}"),
    Pattern("pre-activation", "a_{<unit>}^{(<layer>)}"),
    Pattern("activation", "z_{<unit>}^{(<layer>)}"),
    Pattern("error:pre-activation", r"\delta_{<unit>}^{(<layer>)}"),
    Pattern("cost", "E"),
)


def bishop(patterns: tuple[Pattern, ...] = BISHOP, **options: object) -> Notation:
    return Notation("bishop", "Christopher Bishop", patterns, **options)  # type: ignore[arg-type]


def test_own_notation() -> None:
    book, net = bishop(), network("3-2-2")
    book.check_domain(net)
    style, hints = writing_style(book, net), reading_hints(book, net)
    for thing, text in [
        (ref("W1", 1, 3), "w_{13}^{(1)}"),
        (ref("z1", "j"), "a_j^{(1)}"),
        (ref("a2", "j"), "z_j^{(2)}"),
        (ref("J"), "E"),
        (ref("d.z2", 1), r"\delta_1^{(2)}"),
    ]:
        assert write(to_written(thing, book, net), style) == text
        assert to_meant(read_formula(text, hints), book, net) == thing


def swapped(role: str, **changes: str) -> tuple[Pattern, ...]:
    """Bishop's patterns with those of one role replaced."""
    from dataclasses import replace

    return tuple(replace(p, **changes) if p.role == role else p for p in BISHOP)


@pytest.mark.parametrize(
    ("patterns", "why"),
    [
        (swapped("activation", entry="a_{<unit>}^{(<layer>)}"), "two roles, one symbol"),
        (swapped("activation", entry="z_{<unit>}"), "no layer"),
        (swapped("weight", entry="w_{<to>}^{(<layer>)}"), "no sender"),
        (swapped("target", entry="x_{<unit>}"), "targets look like inputs"),
        (swapped("cost", entry="j"), "the cost looks like an index"),
    ],
)
def test_ambiguous_patterns_are_refused(patterns: tuple[Pattern, ...], why: str) -> None:
    with pytest.raises(NotationError, match="ambiguous"):
        bishop(patterns)


def test_two_index_tuples_alike_are_refused() -> None:
    """`<layer+1>` in one role and `<layer>` in another: z^2 would be both."""
    with pytest.raises(NotationError, match="ambiguous"):
        bishop(swapped("activation", entry="a_{<unit>}^{(<layer+1>)}"))


@pytest.mark.parametrize(
    "text",
    ["", "_{<unit>}", "z_{<unit>", "z_{<wide>}", "z_{<unit+1>}", "z_{<unit>}_{<layer>}", "z)"],
)
def test_no_symbol(text: str) -> None:
    with pytest.raises(NotationError):
        bishop((*BISHOP, Pattern("intermediate", text or " ")))


def test_no_role() -> None:
    with pytest.raises(NotationError, match="no role"):
        bishop((*BISHOP, Pattern("wieght", "w_{<to,from>}")))


def test_letters_must_be_one_to_one() -> None:
    with pytest.raises(NotationError, match="written alike"):
        bishop(letters={"j": "i", "k": "i"})
    with pytest.raises(NotationError, match="no letter"):
        bishop(letters={"j": "i"})


@pytest.mark.parametrize("name", names())
def test_our_notations_are_unambiguous(name: str) -> None:
    """They skip the check at construction, to start fast; here it is made."""
    check_corners(find(name), standard())


@pytest.mark.parametrize("name", names())
def test_every_pattern_shift_is_caught(name: str) -> None:
    """A mutant: if an activation were written like the pre-activation, the check would say so."""
    from dataclasses import replace

    book = find(name)

    def spoilt(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        entry = {p.layer: p.entry for p in patterns if p.role == "pre-activation" and p.at is None}
        return tuple(
            replace(p, entry=entry[p.layer])
            if p.role == "activation" and p.at is None and p.entry and p.layer in entry
            else p
            for p in patterns
        )

    adapt = book.adapt
    changed = any(
        spoilt(book.adapt(c)) != book.adapt(c) or spoilt(book.patterns) != book.patterns
        for c in standard()
        if not book.domain(c)
    )
    if not changed:
        pytest.skip("every neuron has a letter of its own")
    with pytest.raises(NotationError, match="ambiguous"):
        replace(
            book,
            patterns=spoilt(book.patterns),
            adapt=lambda system: spoilt(adapt(system)),
            corners=None,
        )


# --- names of a user ---------------------------------------------------------------------------

LETTER = index("i")


def named(*quantities: str) -> Corner:
    """A network without layers whose quantities have these names and one axis each."""
    axis = Axis(LETTER, sp.Integer(3))
    return Corner(
        (*(Quantity(name, "parameter", (axis,)) for name in quantities), Quantity("J", "cost")),
        Description(),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("U", "U_i"),
        ("gamma", r"\gamma_i"),
        ("loss", r"\mathrm{loss}_i"),
        ("h0", "h_i^{(0)}"),
        ("h_out", r"h_{\mathrm{out},i}"),
        ("w_a", "w_{a,i}"),
    ],
)
def test_own_names(name: str, text: str) -> None:
    net, book = named(name), find("default")
    thing = ref(name, "i")
    style = writing_style(book, net)
    assert write(to_written(thing, book, net), style) == text
    assert to_meant(read_formula(text, reading_hints(book, net)), book, net) == thing


@pytest.mark.parametrize("name", ["a}b", "\\input", "x$y", "q%", "ü", "a b", "<script>", "_", "1x"])
def test_names_that_would_break_latex(name: str) -> None:
    net, book = named(name, "b"), find("default")
    sym = book.write_symbol(ref(name, 1), net)
    assert sym.base.isascii()
    assert sym.base.isalnum()
    assert book.read_symbol(sym, net) == ref(name, 1)
    text = write(sym, writing_style(book, net))
    assert not set(text) & set("$%<>")


def test_names_that_look_alike_after_all() -> None:
    """`h0` is h^{(0)}; with `h_0` beside it both keep their plain names."""
    net, book = named("h0", "h_0"), find("default")
    first, second = (book.write_symbol(ref(n, "i"), net) for n in ("h0", "h_0"))
    assert first != second


def test_the_rate_gives_way_to_a_quantity() -> None:
    net, book = named("eta", "alpha"), find("ufldl")
    rate = book.write_symbol(Ref("eta."), net)
    assert rate.base not in ("eta", "alpha")
    assert book.read_symbol(rate, net) == Ref("eta.")


# --- slots ----------------------------------------------------------------------------------------


def test_slots_there_and_back() -> None:
    net = network("ufldl-any")
    w = slot_of(ref("w", "l", "j", "k"), net)
    assert w == Slot("weight", "w", Idx("l"), (Idx("j"), Idx("k")))
    z = slot_of(Array("d.z", (Idx("l"), Idx("n"))), net)
    assert z == Slot("error:pre-activation", "d.z", Idx("l"), whole=True, sample=Idx("n"))
    fixed = layers((2, 3, 1))
    one = slot_of(ref("W2", 1, 3), fixed)
    assert one == Slot("weight", "W2", Num("2"), (Num("1"), Num("3")))
    for slot, system in ((w, net), (one, fixed)):
        assert ref_of(Slot(slot.role, "", slot.layer, slot.indices), system) is not None
    with pytest.raises(NotationError, match="2 indices"):
        slot_of(ref("W2", 1), fixed)


def test_index_letters_have_one_meaning() -> None:
    net = network("ufldl-any")  # m counts samples, n is the sample, l the layer
    for name in ("ufldl", "nielsen", "default"):
        units = find(name).index_letters("unit", net)
        assert len(units) >= 3
        assert not {"m", "n", "l"} & set(units)


def test_one_sample_of_a_batch_keeps_the_letters_of_the_batch() -> None:
    from dataclasses import replace

    net = network("nielsen")
    one = replace(net, about=replace(net.about, over_samples="mean"))
    book = find("nielsen")
    assert "m" in book.index_letters("unit", net)
    assert "m" not in book.index_letters("unit", one)


def test_symbol_rows() -> None:
    rows = find("chang").symbol_rows(network("chang"))
    shown = {row.key: [Sym("")] for row in rows}
    assert {"input", "target", "weight", "bias", "cost", "rate", "error:activation"} <= set(shown)
    (pre,) = (row for row in rows if row.key == "pre-activation")
    assert pre.symbols == (Sym("n", sub=tuple("pq(in)")),)
    assert pre.layers == (Num("1"), Num("2"))
    (weights,) = (r for r in find("nielsen").symbol_rows(network("nielsen")) if r.key == "weight")
    assert weights.layers == (Num("2"), Sym("L"))
