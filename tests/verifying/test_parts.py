"""Directives hold from their place on and may change; front matter, sidecar and command line hold
for the whole document."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.errors import NotationError, SpecError, UnknownName
from symbackprop.verifying.verify import verify

OWN = "$y = w x$, $C = \\frac{1}{2}(y - t)^2$\n\n$$\\frac{\\partial C}{\\partial w} = (y - t) x$$\n"
CHANG = "$$\\dfrac{\\partial J}{\\partial n_{out}} = \\delta_{out}$$\n"
NIELSEN = "$$\\frac{\\partial C}{\\partial w^l_{jk}} = a^{l-1}_k \\delta^l_j$$\n"
WRONG = "$$\\frac{\\partial C}{\\partial w^l_{jk}} = -a^{l-1}_k \\delta^l_j$$\n"


def verdicts(text: str, **options: object) -> list[str]:
    return [e.verdict for e in verify(text, **options).equations]  # type: ignore[arg-type]


def say(directive: str) -> str:
    return f"\n<!-- symbackprop: {directive} -->\n\n"


def test_a_directive_holds_from_its_line_on() -> None:
    before = verify(OWN + NIELSEN).equations
    report = verify(OWN + say("network=nielsen") + NIELSEN + WRONG)
    assert [e.verdict for e in report.equations] == [
        *("definition", "definition", "proved"),
        *("proved", "refuted"),
    ]
    assert before[-1].verdict == "not_understood"
    assert report.equations[-1].repair  # with its repair, in the letters of the notation


def test_a_directive_may_change_and_go_back() -> None:
    text = (
        OWN + say("network=nielsen notation=nielsen") + NIELSEN
        + say("network=document") + "$$\\frac{\\partial C}{\\partial x} = (y - t) w$$\n"
        + say("network=nielsen") + WRONG
    )  # fmt: skip
    report = verify(text)
    assert [e.verdict for e in report.equations] == [
        *("definition", "definition", "proved"),
        *("proved", "proved", "refuted"),
    ]
    assert [e.line for e in report.equations] == sorted(e.line for e in report.equations)
    [profile] = report.profile.values()
    assert [p["network"] for p in profile["parts"]] == [
        "document",
        "nielsen",
        "document",
        "nielsen",
    ]


def test_another_network_brings_its_own_notation() -> None:
    text = say("network=nielsen notation=nielsen") + NIELSEN + say("network=chang-neuron")
    assert verdicts(text + "$$z = w x + b$$\n$$J = 1$$\n")[0] == "proved"


def test_what_a_directive_says_holds_for_its_own_line_only_after_it() -> None:
    text = f"{WRONG.strip()} <!-- symbackprop: network=nielsen --> {NIELSEN.strip()}\n"
    assert verdicts(text) == ["not_understood", "proved"]


def test_the_command_line_wins_over_directives() -> None:
    text = say("network=chang") + NIELSEN + WRONG
    assert verdicts(text, network="nielsen") == ["proved", "refuted"]


def test_front_matter_holds_for_the_whole_document() -> None:
    assert verdicts("---\nsymbackprop:\n  network: nielsen\n---\n" + NIELSEN + WRONG) == [
        "proved",
        "refuted",
    ]
    text = "---\nsymbackprop: {network: nielsen, notation: nielsen}\n---\n" + NIELSEN
    assert verdicts(text + say("network=document") + NIELSEN) == ["proved", "not_understood"]


def test_a_sidecar_holds_for_the_whole_document(tmp_path: Path) -> None:
    (tmp_path / "a.symbackprop.toml").write_text('network = "nielsen"\n')
    (tmp_path / "a.md").write_text(NIELSEN + WRONG)
    assert [e.verdict for e in verify(tmp_path / "a.md").equations] == ["proved", "refuted"]


def test_directives_of_latex_files_and_notebooks(tmp_path: Path) -> None:
    tex = tmp_path / "a.tex"
    tex.write_text(f"{NIELSEN}% symbackprop: network=nielsen\n{NIELSEN}")
    assert [e.verdict for e in verify(tex).equations] == ["not_understood", "proved"]
    book = tmp_path / "a.ipynb"
    import json

    cells = [NIELSEN, say("network=nielsen"), NIELSEN]
    made = [{"cell_type": "markdown", "source": [c]} for c in cells]
    book.write_text(json.dumps({"cells": made}))
    assert [e.verdict for e in verify(book).equations] == ["not_understood", "proved"]


@pytest.mark.parametrize(
    ("directive", "error"),
    [
        ("network=chnag", UnknownName),
        ("notation=niels", UnknownName),
        ("netwrok=chang", SpecError),
        ("network=elman notation=csdn", NotationError),
    ],
)
def test_a_wrong_directive_is_shown_with_its_place(directive: str, error: type) -> None:
    with pytest.raises(error, match=r"<text>:\d+:1"):
        verify(OWN + say(directive) + NIELSEN)
