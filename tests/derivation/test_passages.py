"""The matrix view tells passage C, the section of numbers the figures that others have published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from symbackprop.api import derive
from symbackprop.api.deriving import Derivation, judged
from symbackprop.derivation.narrate import narrate
from symbackprop.derivation.steps import Section, Step, Table
from symbackprop.errors import FalseStatement
from symbackprop.formula.latex_reader import read
from symbackprop.formula.normal import canonical
from symbackprop.formula.tree import Array, Chain, Transpose
from symbackprop.networks import mlp
from symbackprop.networks.published import PUBLISHED
from symbackprop.notation import find, reading_hints, to_meant


def parts(derivation: Derivation, kind: type) -> Iterator[object]:
    def walk(section: Section) -> Iterator[object]:
        for item in section.items:
            if isinstance(item, Section):
                yield from walk(item)
            elif isinstance(item, kind):
                yield item

    for section in derivation.told.sections:
        yield from walk(section)


def says(derivation: Derivation, latex: str) -> bool:
    """Whether one chain, arrays stored in the usual way, has all members of the statement."""
    system = derivation.system
    (chain,) = read(latex, reading_hints(derivation.notation, system))
    wanted = {canonical(to_meant(m, derivation.notation, system)) for m in chain.members}
    steps = [step for step in derivation.told.steps() if step.layout is None]
    chains = [c for step in steps for c in step.statements]
    return any(wanted <= {canonical(m) for m in c.members} for c in chains)


@pytest.fixture(scope="module")
def nielsen() -> Derivation:
    return derive("nielsen", numbers=False)


@pytest.mark.parametrize(
    "statement",
    [
        r"z_k^{l+1} = \sum_j w_{kj}^{l+1} a_j^l + b_k^{l+1}",
        r"\frac{\partial C}{\partial a_j^l} = \sum_k w_{kj}^{l+1} \delta_k^{l+1}",
        r"\nabla_{a^l} C = (w^{l+1})^T \delta^{l+1}",
        r"\delta^l = \left( (w^{l+1})^T \delta^{l+1} \right) \odot \sigma'(z^l)",
        r"\nabla_{w^l} C = \delta^l (a^{l-1})^T",
        r"\delta^L = \nabla_{a^L} C \odot \sigma'(z^L)",
    ],
)
def test_where_the_transpose_comes_from(nielsen: Derivation, statement: str) -> None:
    assert says(nielsen, statement)


def test_the_search_can_fail(nielsen: Derivation) -> None:
    assert not says(nielsen, r"\nabla_{a^l} C = w^{l+1} \delta^{l+1}")
    assert not says(nielsen, r"\nabla_{w^l} C = a^{l-1} (\delta^l)^T")


# --- the four conventions -----------------------------------------------------------------------------

FORMS = {
    ("columns", "receiver"): (
        r"W^{(2)} A^{(1)} + b^{(2)} (\mathbf{1})^T",
        r"(W^{(2)})^T D^{(2)}",
        r"D^{(2)} (A^{(1)})^T",
    ),
    ("columns", "sender"): (
        r"(W^{(2)})^T A^{(1)} + b^{(2)} (\mathbf{1})^T",
        r"W^{(2)} D^{(2)}",
        r"A^{(1)} (D^{(2)})^T",
    ),
    ("rows", "receiver"): (
        r"A^{(1)} (W^{(2)})^T + \mathbf{1} (b^{(2)})^T",
        r"D^{(2)} W^{(2)}",
        r"(D^{(2)})^T A^{(1)}",
    ),
    ("rows", "sender"): (
        r"A^{(1)} W^{(2)} + \mathbf{1} (b^{(2)})^T",
        r"D^{(2)} (W^{(2)})^T",
        r"(A^{(1)})^T D^{(2)}",
    ),
}
"""Forward, gradient for the inputs, gradient for the weights."""


def bare(latex: str) -> str:
    """Without spaces and without brackets around a single column of ones."""
    return latex.replace(" ", "").replace(r"(\mathbf{1})", r"\mathbf{1}")


def test_the_four_conventions() -> None:
    derivation = derive(
        mlp([2, 3, 2], "sigmoid", cost="bce"), "default", ("matrix",), numbers=False
    )
    text = bare(derivation.text("md"))
    steps = [s for s in parts(derivation, Step) if isinstance(s, Step) and s.topic == "convention"]
    assert {s.layout for s in steps} == set(FORMS)
    assert all(v.kind == "proved" for s in steps for v in s.verdicts)
    for forms in FORMS.values():
        for form in forms:
            assert bare(form) in text
    rows = [line for line in text.splitlines() if line.startswith(("|columns", "|rows"))]
    for row, forms in zip(rows, FORMS.values(), strict=True):
        assert all(bare(form) in row for form in forms), row


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("softmax-regression", (r"\delta^{(1)} &= a^{(1)} - y", r"\delta^{(1)} x^T")),
        ("residual", (r"\nabla_r J + (W^{(2)})^T \delta^{(2)}",)),
        pytest.param(
            "elman",
            (r"V^T \delta_t^q + U^T \delta_{t+1}^z", r"\sum_{t=1}^{T} \delta_t^z h_{t-1}^T"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_matrices_of_other_networks(name: str, forms: tuple[str, ...]) -> None:
    """The skip adds a gradient; a weight that is shared over time has a sum of outer products."""
    derivation = derive(name, views=("matrix",), numbers=False)
    text = derivation.text("md")
    assert all(form in text for form in forms)
    assert all(v.accepted for step in derivation.told.steps() for v in step.verdicts)


# --- numbers ---------------------------------------------------------------------------------------------


def rows_of(text: str) -> dict[str, list[str]]:
    """The rows of all Markdown tables by their first cell."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| "):
            first, *rest = [cell.strip() for cell in line.strip("|").split("|")]
            found.setdefault(first.strip("$"), []).extend(rest)
    return found


def test_the_numbers_of_the_model_passage() -> None:
    """Section 11 of the passage, every printed digit."""
    text = derive("chang").text("md")
    rows = rows_of(text[text.index("## 11.") :])
    for name, weights, neuron in (
        ("11", ("0.1", "0.4", "-0.2"), "0.100000 0.524979 -0.470235 -0.117265"),
        ("12", ("0.3", "-0.5", "0.1"), "0.150000 0.537430 0.697833 0.173481"),
        ("21", ("0.7", "-0.6", "0.2"), "0.245028 0.560952 -1.782683 -0.439048"),
        ("22", ("-0.3", "0.8", "-0.1"), "0.172450 0.543006 2.188213 0.543006"),
    ):
        row = rows[f"n_{{{name}(in)}}"]
        assert [row[0], *row[2:]] == neuron.split(), row
        senders = ("x", "y", "b") if name[0] == "1" else ("11", "12", "b")
        assert tuple(rows[f"w_{{{name},{s}}}"][0] for s in senders) == weights
    for weight, value in (
        ("w_{21,11}", "-0.230491"),
        ("w_{11,x}", "-0.117265"),
        ("w_{22,12}", "0.291828"),
    ):
        assert rows[weight][2:4] == [value, value]
    assert "1.361205" in text
    assert "0.978896" in text


def test_mazur_to_all_printed_digits() -> None:
    derivation = derive("mazur")
    (table,) = (
        t for t in parts(derivation, Table) if isinstance(t, Table) and t.topic == "published"
    )
    figures = PUBLISHED["mazur"].figures
    assert len(table.rows) == len(figures) == 22
    wrong = [row for row in table.rows if row[-1][0] == "no"]
    assert [row[1] for row in wrong] == ["0.291027924"]  # the post's cost after the update
    assert [row[2] for row in wrong] == ["0.291027773694"]
    text = derivation.text("md")
    assert "no: the published figure is off" in text
    rows = rows_of(text)
    assert rows["b^{(1)}"][-1] == "0.35"  # Mazur leaves the biases alone
    assert rows["b^{(2)}"][-1] == "0.6"


# --- the transposes without indices ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "displays"),
    [
        (
            "nielsen",
            (
                r"\mathrm{d}z^{l+1} = w^{l+1} \mathrm{d}a^l",
                r"(\delta^{l+1})^T (w^{l+1} \mathrm{d}a^l) = \left( (w^{l+1})^T \delta^{l+1} \right)^T \mathrm{d}a^l",
                r"\sum_k \sum_j \delta_k^{l+1} a_j^l \mathrm{d}w_{kj}^{l+1}",
            ),
        ),
        ("csdn", (r"\mathrm{d}Q = W^T \mathrm{d}P", r"= (W \delta_Q)^T \mathrm{d}P")),
    ],
)
def test_the_transposes_without_indices(name: str, displays: tuple[str, ...]) -> None:
    derivation = derive(name, numbers=False)
    text = derivation.text("md")
    assert all(display in text for display in displays)
    steps = [s for s in derivation.told.steps() if s.topic.startswith("differential ")]
    kinds = {s.topic: {v.kind for v in s.verdicts} for s in steps}
    assert kinds.pop("differential start") == {"definition"}
    assert set().union(*kinds.values()) <= {"proved", "definition"}


def test_a_lost_transpose_of_a_differential_is_refused() -> None:
    """dJ = (W delta)^T da, on a network of equal widths, where the shapes do not tell."""
    told = narrate(mlp([2, 2, 2], "sigmoid", cost="bce"), find("default"), ("matrix",))

    def lost(section: Section) -> Section:
        return replace(section, items=tuple(spoiled(i) for i in section.items))

    def spoiled(item: object) -> object:
        if isinstance(item, Section):
            return lost(item)
        if isinstance(item, Step) and item.topic == "differential value":
            (chain,) = item.statements
            wrong = chain.members[-1].rewrite(
                lambda n: n.body if isinstance(n, Transpose) and isinstance(n.body, Array) else None
            )
            return replace(item, statements=(Chain((*chain.members[:-1], wrong), chain.relations),))
        return item

    with pytest.raises(FalseStatement, match=r"mathrm\{d\}J"):
        judged(replace(told, sections=tuple(map(lost, told.sections))), find("default"))
