"""A verdict depends on the text, not on the machine: time is counted in work; the processor is a guard."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from symbackprop.judging import clock
from symbackprop.judging.clock import GUARD, NEVER, WORK, WORK_A_SECOND, Clock, within
from symbackprop.judging.problems import OverBudget
from symbackprop.verifying.verify import verify

WRONG = r"""
$$z_j = \sum_k W_{jk} x_k, \quad a_j = \sigma(z_j)$$ with the sigmoid,
$$C = \frac{1}{2} \sum_j (a_j - y_j)^2$$

$$\frac{\partial C}{\partial W_{jk}} = (a_j - y_j) a_j (1 - a_j) x_k$$

$$\frac{\partial C}{\partial W_{jk}} = (a_j - y_j) a_j (1 - a_j) + x_k$$

$$\frac{\partial C}{\partial z_j} = (a_j + y_j) a_j (1 - a_j)$$
"""


def hurry(monkeypatch: pytest.MonkeyPatch, times: float) -> None:
    """Lets the clocks run faster, as if the machine were slower."""
    fast = SimpleNamespace(
        perf_counter=lambda: times * time.perf_counter(),
        thread_time=lambda: times * time.thread_time(),
    )
    monkeypatch.setattr(clock, "time", fast)


def told(budget: float) -> list[tuple[str, str, str]]:
    return [(e.verdict, e.code, e.repair) for e in verify(WRONG, budget=budget).equations]


def test_a_slower_machine_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    # Budgets of their own, so that no judge has the answers already.
    usual = [told(b) for b in (2.0, 0.03, 0.004)]
    hurry(monkeypatch, 0.95 * GUARD)
    assert [told(b) for b in (2.0000001, 0.03000001, 0.004000001)] == usual
    assert ("proved", "", "") in usual[0]
    assert all(repair for verdict, _, repair in usual[0] if verdict == "refuted")


def test_a_machine_that_stands_still_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, 1e9)
    assert {v for v, _, _ in told(1.9)} <= {"definition", "not_understood", "agrees"}


def test_work_ends_a_statement() -> None:
    judge, steps = Clock(), 0

    def endless() -> None:
        nonlocal steps
        while True:
            judge.step()
            steps += 1

    with judge.limited(within(100 / WORK_A_SECOND)), pytest.raises(OverBudget):
        endless()
    assert steps == 100
    judge.step()


def test_the_earlier_of_two_limits_holds() -> None:
    judge = Clock()
    with judge.limited(within(1)), judge.limited(NEVER):
        WORK.done += 2 * WORK_A_SECOND
        with pytest.raises(OverBudget):
            judge.check()


def test_what_is_left() -> None:
    limit = within(1)
    WORK.done += 0.25 * WORK_A_SECOND
    assert limit.left == pytest.approx(0.75)
    WORK.done += WORK_A_SECOND
    assert limit.passed
    assert limit.left == pytest.approx(-0.25)
    assert not limit.later(1).passed
