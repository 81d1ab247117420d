"""Generated and mutated inputs: only errors of `symbackprop.errors`, and every report can be shown.

The long run is `benchmarks/fuzz.py`; this is its beginning, and Hypothesis on top.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from fuzzed import DEFINITIONS, NETWORKS, TOKENS, Input, made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop.api.judging import judge
from symbackprop.errors import SymbackpropError
from symbackprop.networks import find
from symbackprop.verifying.verify import verify

BUDGET = 0.2
OFTEN = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
"""Time is measured by the long run: a busy machine must not fail a test."""
SOUP = st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)


def shown(source: Path | str) -> None:
    """The verdicts in every form; refusing the whole is right too."""
    with contextlib.suppress(SymbackpropError):
        report = verify(source, budget=BUDGET)
        for form in ("text", "json", "github"):
            report.render(form, show_profile=True)
        assert report.json()["summary"]["equations"] == len(report.equations)


def tried(item: Input, folder: Path) -> None:
    """What the fuzz run does with an input."""
    path = folder / f"input.{item.kind}"
    if item.kind in ("text", "latex"):
        shown(item.text)
    elif item.kind == "judge":
        with contextlib.suppress(SymbackpropError):
            judge(item.text, item.extra[0], item.extra[1] or None)
    elif item.kind == "word":
        with contextlib.suppress(SymbackpropError):
            find(item.text)
    elif item.kind == "toml":
        path.write_bytes(item.content)
        with contextlib.suppress(SymbackpropError):
            find(str(path))
    elif item.kind == "side":
        path.with_suffix(".symbackprop.toml").write_bytes(item.content)
        path.with_suffix(".md").write_text(DEFINITIONS[0], encoding="utf-8")
        shown(path.with_suffix(".md"))
        path.with_suffix(".symbackprop.toml").unlink()
    else:
        path.write_bytes(item.content)
        shown(path)


def test_the_beginning_of_the_long_run(tmp_path: Path) -> None:
    for number in range(100):
        tried(made(number), tmp_path)


def test_layers_and_times_both_of_any_number(tmp_path: Path) -> None:
    """An input of a long run: a judge with two sizes that recursions run over."""
    tried(made(84769, seed=7), tmp_path)


@pytest.mark.slow
def test_more_of_the_long_run(tmp_path: Path) -> None:
    for number in range(100, 300):
        tried(made(number), tmp_path)


def test_inputs_are_the_same_everywhere() -> None:
    assert [made(n) for n in range(50)] == [made(n) for n in range(50)]
    assert made(1) != made(1, seed=1)


@OFTEN
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    shown(text)


@OFTEN
@given(st.sampled_from(DEFINITIONS), SOUP, st.sampled_from(("$%s$", "$$%s$$", r"\[%s\]", "%s")))
def test_any_symbols_after_definitions(before: str, soup: str, around: str) -> None:
    shown(before + "\n\n" + around.replace("%s", soup))


@OFTEN
@given(SOUP, st.sampled_from(NETWORKS))
def test_any_symbols_about_a_network(soup: str, network: str) -> None:
    with contextlib.suppress(SymbackpropError):
        judge(soup, network)


@OFTEN
@given(
    content=st.binary(max_size=300),
    suffix=st.sampled_from((".md", ".tex", ".ipynb", ".txt", ".toml")),
)
def test_any_bytes(content: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    if suffix == ".toml":
        with contextlib.suppress(SymbackpropError):
            find(str(path))
    else:
        shown(path)
