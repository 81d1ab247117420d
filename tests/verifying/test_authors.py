"""Documents as thirty-one authors would write them: nothing false accepted, nothing true called wrong."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from row_scoring import HELD_OUT, check, documents, rows_of
from scoring import fits

QUICK = ("duda.txt", "deutsch.tex", "linreg.ipynb", "rbf.md", "zhongwen.md")
"""Enough for every day: plain text, LaTeX, a notebook, Markdown, another script."""

scored = cache(rows_of)


KNOWN_ALARMS = {"nielsen4.md": {"\\delta^L = \\nabla_a C \\odot \\sigma'(z^L)"}}
"""The misprint is the author's of the notation (`\\nabla_a` without its layer), so it is named."""


def checked(path: Path) -> None:
    check(path, scored(path), KNOWN_ALARMS.get(path.name, ()))


@pytest.mark.parametrize("name", QUICK)
def test_every_day(name):
    checked(next(p for p in documents() if p.name == name))


@pytest.mark.slow
def test_all_of_them():
    """One test, so that every document is judged once."""
    for path in documents():
        checked(path)
    open_, held = 0, 0
    for path in documents():
        right = sum(fits(one["expect"], verdict) for one, verdict, _ in scored(path))
        if path.name in HELD_OUT:
            held += right
        else:
            open_ += right
    assert open_ >= 270
    assert held >= 165


def test_every_wrong_statement_says_what_would_be_right():
    for path in documents():
        for one in json.loads(Path(f"{path}.expect.json").read_text(encoding="utf-8")):
            assert one["expect"] != "rejected" or one["right"]
