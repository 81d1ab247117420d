"""Sixty-eight documents in as many styles, in six sets by people who never saw the program.

What was right before anything was tuned on them stands in `strangers/README.md`; `strangers/right.json` holds how
many statements of each are right now, by the truth that their authors gave.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from row_scoring import check, documents, rows_of
from scoring import fits

STRANGERS = Path(__file__).parent / "strangers"
SETS = {"fourth": 367, "fifth": 322, "sixth": 406, "seventh": 207, "eighth": 215, "ninth": 240}
"""The statements of each."""

RIGHT: dict[str, int] = json.loads((STRANGERS / "right.json").read_text(encoding="utf-8"))

KNOWN_ALARMS = {
    # Sizes that the prose alone says ("each D x D") are not known to be one.
    "selfattn_indices.md": {r"\frac{\partial \Phi}{\partial x_{ap}} = \sum_{r} \Big( \alpha_{pr}"},
}


def test_no_document_is_left_out() -> None:
    every = [p for folder in SETS for p in documents(STRANGERS / folder)]
    assert sorted(RIGHT) == sorted(f"{p.parent.name}/{p.name}" for p in every)
    for folder, count in SETS.items():
        truths = [Path(f"{p}.expect.json") for p in documents(STRANGERS / folder)]
        assert sum(len(json.loads(t.read_text(encoding="utf-8"))) for t in truths) == count


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RIGHT))
def test_as_many_are_right(name: str) -> None:
    """Nothing false accepted; nothing true called wrong but for the named alarms."""
    path = STRANGERS / name
    rows = rows_of(path)
    known = KNOWN_ALARMS.get(path.name, set())
    check(
        path,
        rows,
        {one["latex"] for one, _, _ in rows if any(map(one["latex"].startswith, known))},
    )
    assert sum(fits(one["expect"], verdict) for one, verdict, _ in rows) >= RIGHT[name]
