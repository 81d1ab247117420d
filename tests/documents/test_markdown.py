"""The Markdown documents keep the rules of both profiles; the linter catches what breaks them."""

from __future__ import annotations

import re

import pytest

from symbackprop.api import derive
from symbackprop.documents.markdown import anchor

from .markdown_lint import lint
from .printed import BEYOND, LANGUAGES, NAMES, PROFILES, QUICK, beyond, derivation


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]
)
def test_a_built_in_is_clean(name: str, language: str, profile: str) -> None:
    text = derivation(name).text("md", language=language, profile=profile)
    assert lint(text, profile) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BEYOND)), ids=lambda i: "-".join(BEYOND[i][:2]))
def test_a_network_that_no_source_has_is_clean(number: int) -> None:
    for language in LANGUAGES:
        for profile in PROFILES:
            assert (
                lint(beyond(number).text("md", language=language, profile=profile), profile) == []
            )


GOOD = "See $a_j^l$:\n\n$$\n\\begin{aligned}\nx &= y \\\\\nz &= w\n\\end{aligned}\n$$\n\nSo.\n"

BROKEN = {
    "blank line before a display": GOOD.replace(":\n\n$$", ":\n$$"),
    "blank line after a display": GOOD.replace("$$\n\nSo", "$$\nSo"),
    "display without an end": GOOD.replace("\\end{aligned}\n$$\n", "\\end{aligned}\n"),
    "align for aligned": GOOD.replace("aligned", "align"),
    "row ends within a line": GOOD.replace("\\\\\nz", "\\\\ z"),
    "line that begins a Markdown block": GOOD.replace("z &= w", "- z &= w"),
    "operatorname": GOOD.replace("z &", "\\operatorname{z} &"),
    "subscript after a bracket": GOOD.replace("z &", "(z)_j &"),
    "superscript before subscript": GOOD.replace("a_j^l", "a^l_j"),
    "raw angle bracket": GOOD.replace("x &= y", "x &= y < z"),
    "escape that Markdown eats": GOOD.replace("x &= y", "x &= \\{ y \\}"),
    "label": GOOD.replace("x &= y", "x &= y \\label{a}"),
    "more than one tag": GOOD.replace("y \\\\", "y \\tag{1} \\\\").replace("w\n", "w \\tag{2}\n"),
    "no space between Chinese and mathematics": GOOD.replace("$a_j^l$:", "$a_j^l$的"),
    "letter or digit beside a dollar": GOOD.replace("$a_j^l$:", "$a_j^l$2"),
    "space inside the dollars": GOOD.replace("$a_j^l$", "$ a_j^l$"),
    "dollar without its pair": GOOD.replace("So.", "So $5."),
    "two blank lines": GOOD.replace("\n\nSo", "\n\n\nSo"),
    "space at the end of a line": GOOD.replace("See", "See \n"),
    "stars that do not close": GOOD.replace("So.", "**因此。**得"),
    "stars without their pair": GOOD.replace("So.", "*So."),
    "bar in mathematics in a table": GOOD + "\n| a |\n|---|\n| $|a|$ |\n",
    "row with another number of cells": GOOD + "\n| a | b |\n|---|---|\n| $a$ |\n",
    "braces": GOOD.replace("x &", "x_{ &"),
    "one newline at the end": GOOD.rstrip(),
}


def test_the_linter_passes_the_clean_text() -> None:
    assert lint(GOOD, "portable") == []
    assert lint("See $`a_j^l`$:\n\n```math\nx = y\n```\n", "github") == []


@pytest.mark.parametrize("rule", BROKEN)
def test_the_linter_catches(rule: str) -> None:
    assert rule in {f.rule for f in lint(BROKEN[rule], "portable")}


def test_the_profiles_are_not_each_others() -> None:
    text = derivation("chang-neuron").text("md", profile="portable")
    assert lint(text, "github")
    assert lint(derivation("chang-neuron").text("md", profile="github"), "portable")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", ["chang", "softmax-regression"])
def test_the_contents_lead_to_every_heading(name: str, language: str) -> None:
    lines = derivation(name).text("md", language=language).splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    links = re.findall(r"\[(\d+) .+?\]\(#([^)\s]+)\)", lines[2])
    assert [number for number, _ in links] == [h.split(".")[0] for h in headings]
    assert len({target for _, target in links}) == len(headings)
    for (_, target), heading in zip(links, headings, strict=True):
        letters = [c for c in heading.lower() if c.isalnum() or c in "_- "]
        assert target == "".join(letters).replace(" ", "-")


def test_names_of_headings() -> None:
    """As GitHub makes them."""
    assert anchor("7. One output weight: $w_{21,11}$") == "7-one-output-weight-w_2111"
    assert anchor("5. What we need, and the one rule") == "5-what-we-need-and-the-one-rule"


def test_a_short_document_has_no_contents() -> None:
    text = derive("2-2-2", views=("matrix",), numbers=False).text("md")
    assert "](#" not in text
