"""Every document that we write is understood and proved like anyone's, without configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from round_trip import (
    FORMATS,
    LANGUAGES,
    NETWORKS,
    NOTATIONS,
    SINGLE,
    Outcome,
    checked,
    derivation,
    grid,
    text_of,
)

GALLERY = Path(__file__).parents[2] / "output"

EVERY_DAY = (
    ("chang-neuron", "chang-neuron", None, "tex", "zh-Hans"),
    ("chang", "nielsen", ("matrix",), "md", "en"),
    ("softmax-regression", "default", ("index",), "github", "en"),
)
ALL = (
    ("chang-neuron", "nielsen", ("index",), "md", "zh-Hans"),
    ("chang", "ufldl", ("neuron", "index", "matrix"), "tex", "en"),
    ("csdn", "csdn", ("neuron",), "github", "zh-Hans"),
    ("elman", "nielsen", None, "tex", "zh-Hans"),
    ("lee", "lee", None, "github", "en"),
    ("lee", "default", ("matrix",), "md", "zh-Hans"),
    ("mazur", "csdn", None, "tex", "en"),
    ("nielsen", "default", ("matrix",), "github", "zh-Hans"),
    ("residual", "ufldl", ("matrix",), "md", "en"),
    ("softmax-regression", "nielsen", None, "tex", "en"),
    ("ufldl", "chang", ("neuron",), "md", "en"),
    ("ufldl", "nielsen", None, "md", "zh-Hans"),
    ("ufldl-4", "default", ("index",), "tex", "zh-Hans"),
    ("ufldl-any", "nielsen", ("index",), "github", "en"),
)
"""Each network, notation, view, format and language at least once; benchmarks/round_trip.py has all."""

ALONE = (
    ("chang", "csdn", ("matrix",), "md", "en"),
    ("chang", "ufldl", ("index",), "tex", "en"),
    ("chang-neuron", "nielsen", ("matrix",), "md", "zh-Hans"),
    ("chang-neuron", "ufldl", ("index",), "md", "en"),
    ("chang-neuron", "ufldl", ("matrix",), "tex", "zh-Hans"),
    ("csdn", "csdn", ("matrix",), "tex", "en"),
    ("csdn", "csdn", None, "md", "zh-Hans"),
    ("elman", "nielsen", ("matrix",), "md", "en"),
    ("lee", "csdn", ("matrix",), "md", "zh-Hans"),
    ("residual", "nielsen", ("matrix",), "github", "en"),
    ("softmax-regression", "nielsen", ("matrix",), "tex", "zh-Hans"),
    ("ufldl", "csdn", ("neuron",), "md", "en"),
    ("ufldl", "csdn", ("matrix",), "tex", "en"),
    ("ufldl-any", "ufldl", ("matrix",), "md", "en"),
)
"""Views that stand alone, where a letter, a shape or the activation was once said nowhere."""
EVERY = 131
"""Of all documents in one view, each that many-th is read too."""


def complaint(found: Outcome) -> str:
    lines = [f"{found.good} of {found.total} proved or defined: {dict(found.counts)}"]
    lines += [
        f"  line {e.line}: {e.verdict}: {e.reason or e.diagnosis}: {e.latex[:90]}"
        for e in found.bad
    ]
    return "\n".join(lines)


def check(network, notation, views, format_, language):
    told = derivation(network, notation, views)
    assert told is not None
    text = text_of(told, format_, language)
    assert text is not None
    found = checked(text)
    assert found.total
    assert not found.fails, complaint(found)


def test_the_sample_has_everything():
    rows = (*EVERY_DAY, *ALL)
    assert {r[0] for r in rows} == set(NETWORKS)
    assert {r[1] for r in rows} == set(NOTATIONS)
    assert {v for r in rows for v in r[2] or ()} == {"neuron", "index", "matrix"}
    assert {r[3] for r in rows} == set(FORMATS)
    assert {r[4] for r in rows} == set(LANGUAGES)


@pytest.mark.parametrize("row", EVERY_DAY, ids=lambda r: f"{r[0]}-{r[1]}-{r[3]}-{r[4]}")
def test_some_documents(row):
    check(*row)


@pytest.mark.slow
@pytest.mark.parametrize("row", ALL, ids=lambda r: f"{r[0]}-{r[1]}-{r[3]}-{r[4]}")
def test_every_network_notation_view_format_and_language(row):
    check(*row)


@pytest.mark.slow
@pytest.mark.parametrize("row", ALONE, ids=lambda r: f"{r[0]}-{r[1]}-{r[3]}-{r[4]}")
def test_a_view_that_stands_alone(row):
    check(*row)


@pytest.mark.slow
def test_a_sample_of_all_single_views():
    single = [row for row in grid() if row.views in SINGLE]
    read = 0
    for row in single[::EVERY]:
        told = row.derivation()
        text = told and text_of(told, row.format, row.language)
        if text is None:
            continue
        found = checked(text)
        read += 1
        assert found.total, row.name
        assert not found.fails, f"{row.name}: {complaint(found)}"
    assert read > len(single) / EVERY / 3


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_gallery(name):
    for suffix in ("md", "tex"):
        found = checked((GALLERY / f"{name}.{suffix}").read_text(encoding="utf-8"))
        assert found.total
        assert not found.fails, f"{name}.{suffix}: {complaint(found)}"


def test_a_planted_error_is_seen():
    """The round trip can fail: one sign turned in one line of a document."""
    told = derivation("chang-neuron", "chang", None)
    assert told is not None
    text = text_of(told, "md", "en")
    assert text is not None
    wrong = text.replace("(n_{out} - y) x_1", "(n_{out} + y) x_1", 1)
    assert wrong != text
    assert [e.verdict for e in checked(wrong).bad] == ["refuted"]
