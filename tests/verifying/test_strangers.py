"""Documents in other people's styles: nothing false is accepted, little that is true is called wrong."""

from __future__ import annotations

import pytest
from scoring import ACCEPT, fits, score_document, strangers

from symbackprop.verifying.results import WRONG

QUICK = (
    "logistic-wrong.txt",
    "rowvec-wrong.md",
    "bishop-wrong.tex",
    "softmax.md",
    "rnn_scalar.ipynb",
)


def check(path) -> None:
    for line, expect, verdict, latex in score_document(path):
        assert not (expect == "rejected" and verdict in ACCEPT), (path.name, line, latex)


@pytest.mark.parametrize("name", QUICK)
def test_nothing_false_is_accepted_every_day(name):
    check(next(p for p in strangers() if p.name == name))


@pytest.mark.slow
def test_nothing_false_is_accepted_and_most_is_right():
    """One test, so that every document is judged once."""
    rows = []
    for path in strangers():
        check(path)
        rows += score_document(path)
    right = sum(fits(r[1], r[2]) for r in rows)
    alarms = [r for r in rows if r[1] in ("definition", "accepted") and r[2] in WRONG]
    assert right >= 230
    assert len(alarms) <= 5
