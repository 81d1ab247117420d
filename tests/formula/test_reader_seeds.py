"""The 191 equations of the source documents; every reading was checked against its source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symbackprop.formula.breaking import write_chain_aligned
from symbackprop.formula.latex_reader import read, read_display
from symbackprop.formula.latex_writer import write
from symbackprop.formula.normal import same
from symbackprop.formula.tree import Chain, Opaque

from .spelling import spell

EQUATIONS = json.loads(Path(__file__).with_name("seed_readings.json").read_text("utf-8"))


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e["entry"])
def test_reading_is_the_one_checked_by_hand(equation: dict[str, object]) -> None:
    assert [spell(c) for c in read(str(equation["latex"]))] == equation["reading"]


def test_all_but_the_malformed_are_understood() -> None:
    """What stays opaque: a mapping, dots, an unclosed brace, a wide space without an arrow."""
    opaque = {
        e["entry"]
        for e in EQUATIONS
        for c in read(e["latex"])
        if any(isinstance(n, Opaque) for n in c.walk())
    }
    assert opaque == {"001:8", "001:81", "002:2", "002:5", "002:12", "002:68"}


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e["entry"])
@pytest.mark.parametrize("width", [34, 18])
def test_written_and_broken_it_reads_the_same(equation: dict[str, object], width: int) -> None:
    chains = read(str(equation["latex"]))
    for chain in chains:
        if any(isinstance(n, Opaque) for n in chain.walk()):
            continue
        assert same(read(write(chain))[0], chain)
        back = read(write_chain_aligned([chain], width))
        assert len(back) == 1
        assert same(back[0], chain)


def test_printed_numbers_are_labels() -> None:
    labels = [
        read_display(e["latex"]).statements[0].label for e in EQUATIONS if e["entry"][:3] == "004"
    ]
    assert labels == [str(i) for i in range(1, 36)]


def test_every_node_but_bound_names_carries_a_span() -> None:
    source = EQUATIONS[11]["latex"]
    for chain in read(source):
        assert isinstance(chain, Chain)
        for member in chain.members:
            assert member.span is not None
            assert source[member.span.start : member.span.end].strip()
