"""Forty-eight documents in as many styles, in four sets by people who never saw the program.

What was right before anything was tuned on them stands in `strangers/README.md`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from row_scoring import check, documents, rows_of
from scoring import fits

STRANGERS = Path(__file__).parent / "strangers"

KNOWN_ALARMS = {
    # Sizes that the prose alone says ("each D x D") are not known to be one.
    "selfattn_indices.md": {r"\frac{\partial \Phi}{\partial x_{ap}} = \sum_{r} \Big( \alpha_{pr}"},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "count", "least"),
    [("fourth", 367, 364), ("fifth", 322, 308), ("sixth", 406, 360), ("seventh", 207, 177)],
)
def test_all_of_them(folder: str, count: int, least: int) -> None:
    """Nothing false accepted; nothing true called wrong but for the named alarms."""
    rows = []
    for path in documents(STRANGERS / folder):
        mine = rows_of(path)
        known = KNOWN_ALARMS.get(path.name, set())
        check(
            path,
            mine,
            {one["latex"] for one, _, _ in mine if any(map(one["latex"].startswith, known))},
        )
        rows += mine
    assert len(rows) == count
    assert sum(fits(one["expect"], verdict) for one, verdict, _ in rows) >= least
