"""Names that would break LaTeX or Markdown, or leave the folder, do neither."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop import api
from symbackprop.documents.latex import render
from symbackprop.documents.marks import LatexMarks, MarkdownMarks
from symbackprop.documents.mathematics import Mathematics
from symbackprop.errors import SymbackpropError

from .markdown_lint import lint
from .printed import PROFILES, derivation
from .test_latex import complaints

HOSTILE = (
    "a_b^c",
    "50% & more",
    "x^2 ~ $5$",
    r"\input{/etc/passwd}",
    r"\end{document}",
    "#1 {net}",
    "{{ 7 * 7 }} {% x %}",
    "<< block >> <% for %>",
    "a|b",
    "<script>alert(1)</script>",
    "**bold** __x__",
    "`code` ``` ```math",
    "../../etc/x",
    "[link](http://a.b) ![i](j)",
    "100 $",
    "réseau",
    "a\nb\r\n# c",
    "-- --- \"q\" ''",
    "\\",
    "%",
    "^^M",
    "\u202eabc",
    "&lt; @you",
    "$$",
    "x" * 190,
)


def named(name: str) -> api.Derivation:
    """A derivation whose system bears that name, as a program may give it."""
    ours = derivation("chang-neuron")
    return replace(ours, told=replace(ours.told, about={"name": name}))


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_stays_whole(name: str) -> None:
    for profile in PROFILES:
        marks = MarkdownMarks(_mathematics(), profile)
        clean = named("net").text("md", profile=profile)
        text = named(name).text("md", profile=profile)
        assert lint(text, profile) == []
        assert text.split("\n")[1:] == clean.split("\n")[1:]
        assert text.split("\n")[0] == clean.split("\n")[0].replace("net", marks.escape(name))


@pytest.mark.parametrize("name", HOSTILE)
def test_latex_has_no_command_of_the_name(name: str) -> None:
    clean, text = named("net").text("tex"), named(name).text("tex")
    assert text.count("\n") == clean.count("\n")
    for char in "$&%":
        unescaped = text.replace("\\" + char, "")
        assert unescaped.count(char) == clean.replace("\\" + char, "").count(char)
    assert text.count(r"\input") == 0
    assert text.count(r"\end{document}") == 1


@pytest.mark.slow
def test_latex_compiles_with_all_of_them(tmp_path: Path) -> None:
    from symbackprop.documents.blocks import Grid, Heading, Paragraph

    xelatex = shutil.which("xelatex")
    if xelatex is None:
        pytest.skip("xelatex is not installed")
    marks = LatexMarks(_mathematics())
    texts = [marks.escape(name) for name in HOSTILE[:-1]]
    blocks = (
        *(Heading(2, "1", t) for t in texts),
        *(Paragraph(t, t) for t in texts),
        Grid(("a", "b"), tuple((t, t) for t in texts)),
    )
    assert complaints(xelatex, render(texts[0], blocks, "en"), tmp_path) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_the_file_stays_in_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    paths = named(name).save(folder, ("md",))
    assert [Path(p).resolve().parent for p in paths] == [folder.resolve()]
    assert sorted(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("key", ["name", "title"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_spec_is_refused_or_written_safely(name: str, key: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f"{key} = {json.dumps(name)}\nsizes = [1, 1]\n", encoding="utf-8")
    try:
        system = api.network(str(spec))
    except SymbackpropError:
        return
    text = api.derive(system, numbers=False).text("md")
    assert lint(text, "portable") == []


def _mathematics() -> Mathematics:
    ours = derivation("chang-neuron")
    return Mathematics(ours.notation, ours.system)
