"""Sixteen more documents in sixteen styles, written after the others and not read before tuning.

What was right before anything was tuned on them stands in `strangers/README.md`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from row_scoring import check, documents, rows_of
from scoring import fits

LATER = Path(__file__).parent / "strangers" / "later"
LEAST = 312
"""Of 330; a proof near its budget may stay open on a slow machine."""

KNOWN_ALARMS = {"ridge.txt": {"∇_w E = 1/N Xᵀ e + λ w"}}
"""`b 1`, a number times a vector of ones in plain text, is not read, and so e is no column."""


@pytest.mark.slow
def test_all_of_them():
    """One test, so that every document is judged once: nothing false accepted, nothing true called wrong."""
    rows = []
    for path in documents(LATER):
        mine = rows_of(path)
        check(path, mine, KNOWN_ALARMS.get(path.name, ()))
        rows += mine
    assert len(rows) == 330
    assert sum(fits(one["expect"], verdict) for one, verdict, _ in rows) >= LEAST
