"""Documents in other people's styles: nothing false is accepted, little that is true is called wrong."""

from __future__ import annotations

import pytest
from scoring import ACCEPT, fits, score_document, strangers

from symbackprop.verifying.results import WRONG


@pytest.mark.parametrize("path", strangers(), ids=lambda p: p.name)
def test_nothing_false_is_accepted(path):
    for line, expect, verdict, latex in score_document(path):
        assert not (expect == "rejected" and verdict in ACCEPT), (line, latex)


@pytest.mark.slow
def test_how_many_verdicts_are_right():
    rows = [r for path in strangers() for r in score_document(path)]
    right = sum(fits(r[1], r[2]) for r in rows)
    alarms = [r for r in rows if r[1] in ("definition", "accepted") and r[2] in WRONG]
    assert right >= 230
    assert len(alarms) <= 5
