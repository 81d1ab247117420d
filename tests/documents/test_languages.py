"""Every language says everything: the same macros, with the same arguments, for every topic told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from symbackprop import api
from symbackprop.derivation.narrate import VIEWS
from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.documents.pour import macro_name
from symbackprop.documents.templates import languages, templates_folder
from symbackprop.errors import FalseStatement, SymbackpropError
from symbackprop.formula.tree import Formula

from .printed import LANGUAGES, NAMES, QUICK, derivation

MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(([^)]*)\)\s*-?%\}(.*?)\{%-?\s*endmacro", re.S)
PRIVATE = {"adjoint_case_range"}
"""Parts of other macros that one language needs and another does not."""


@cache
def macros(language: str) -> dict[str, tuple[str, str]]:
    """name -> (arguments, body) of each macro of the language."""
    text = (templates_folder() / language / "prose.j2").read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    return {name: (arguments, body) for name, arguments, body in MACRO.findall(text)}


def topics(parts: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    """(prefix, topic) of whatever a macro must say; an 'intro' is optional."""
    for part in parts:
        match part:
            case Section():
                yield "title", part.topic
                yield from topics(part.items)
            case Step():
                yield "say", part.topic or part.rule
            case Prose():
                yield "say", part.topic
            case Table():
                yield "say", f"table {part.topic}"
                for cell in part.header:
                    if isinstance(cell, tuple):
                        yield _cell("head", cell[0])
                    elif not isinstance(cell, Formula):
                        yield "head", cell
                for row in part.rows:
                    yield from (_cell("cell", c[0]) for c in row if isinstance(c, tuple))


def _cell(kind: str, topic: str) -> tuple[str, str]:
    return ("" if topic.split(" ")[0] in ("meaning", "fact") else kind), topic


def missing(told: api.Derivation, language: str) -> set[str]:
    wanted = {macro_name(prefix, topic) for prefix, topic in topics(told.told.sections)}
    return wanted - macros(language).keys()


def test_the_languages() -> None:
    assert languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_macros_with_the_same_arguments(language: str) -> None:
    english = macros("en")
    ours = {name: m for name, m in macros(language).items() if name not in PRIVATE}
    assert sorted(ours) == sorted(english)
    for name, (arguments, _) in ours.items():
        assert arguments == english[name][0], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_macro_speaks_of_no_more_than_the_english_one(language: str) -> None:
    """What `s` holds is the derivation's business: another language may not ask for more."""
    for name, (_, body) in macros(language).items():
        used = set(re.findall(r"\bs\.(\w+)", body))
        if name in PRIVATE:
            continue
        known = set(re.findall(r"\bs\.(\w+)", macros("en")[name][1]))
        assert used <= known, name


@pytest.mark.parametrize("language", [n for n in LANGUAGES if n != "en"])
def test_silent_exactly_where_english_is_silent(language: str) -> None:
    for name, (_, body) in macros(language).items():
        if name not in PRIVATE:
            assert bool(body.strip()) == bool(macros("en")[name][1].strip()), name


def test_chinese_is_chinese() -> None:
    """No English sentence was left: at most names of functions and single words in Latin letters."""
    for name, (_, body) in macros("zh-Hans").items():
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", body, flags=re.S)
        assert not re.search(r"[A-Za-z]+ [A-Za-z]+", text), name
        assert not re.search(r"[一-鿿][,;:?!]|[,;:?!][一-鿿]", text), name


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_a_macro(name: str, language: str) -> None:
    assert missing(derivation(name), language) == set()


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", NAMES)
def test_every_topic_of_every_view_has_a_macro(name: str, view: str) -> None:
    try:
        told = api.derive(name, views=(view,))
        told.text("tex")
    except FalseStatement:
        raise
    except SymbackpropError:
        pytest.skip("no such view of this network")
    for language in LANGUAGES:
        assert missing(told, language) == set()
        told.text("md", language=language)
