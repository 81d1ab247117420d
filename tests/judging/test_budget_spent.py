"""A proof that the clock cut short leaves a claim open; one that ended without a proof leaves samples."""

from __future__ import annotations

import pytest

import symbackprop as sb
from symbackprop.judging import sizes
from symbackprop.judging.clock import SPENT
from symbackprop.judging.verdict import Verdict

CLAIM = r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"


@pytest.mark.parametrize(("why", "kind"), [(SPENT, "not_understood"), ("too many terms", "agrees")])
def test_the_time_and_the_methods(monkeypatch, why, kind):
    true = sizes._verdicts

    def verdicts(claim, members, trials, exactly):
        if exactly:
            return [Verdict("not_understood", reason=why)] * (len(members) - 1)
        return true(claim, members, trials, exactly)

    assert sb.judge(CLAIM, "nielsen").kind == "proved"
    monkeypatch.setattr(sizes, "_verdicts", verdicts)
    monkeypatch.setattr(sizes, "for_all", lambda claim, left, right, weaker: weaker)
    found = sb.judge(CLAIM, "nielsen")
    assert found.kind == kind
    assert ("budget" in found.reason) == (kind == "not_understood")
