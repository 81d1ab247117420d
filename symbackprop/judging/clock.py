"""How long a statement may take, counted in work done: the same text has the same verdict on every machine.

Seconds are those of the machine on which WORK_A_SECOND was measured. A clock alone would let a verdict depend on
what else the machine does at that moment. The processor's time is only a guard, for work that is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from symbackprop.judging.problems import OverBudget

SPENT = "budget: the time for one statement is spent"
WORK_A_SECOND = 500_000
"""Units of work that a second is worth: two microseconds each."""
GUARD = 4
"""A statement may take so many times its seconds of processor time, on a machine that slow."""


class _Work:
    """What this process has done so far; whoever does a piece of work adds to it."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = 0.0


WORK = _Work()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment: so much work done, or, if that comes first, so late on the clocks."""

    work: float
    wall: float
    processor: float

    @property
    def passed(self) -> bool:
        """Whether it is past. The wall clock is asked first because that costs little."""
        return WORK.done > self.work or (
            time.perf_counter() > self.wall and time.thread_time() > self.processor
        )

    @property
    def left(self) -> float:
        """Seconds until then; at most 0 if it is past."""
        by_work = (self.work - WORK.done) / WORK_A_SECOND
        return by_work if not self.passed else min(by_work, 0.0)

    def later(self, seconds: float) -> Deadline:
        """The moment so many seconds after it; before it if they are negative."""
        return Deadline(
            self.work + seconds * WORK_A_SECOND,
            self.wall + seconds * GUARD,
            self.processor + seconds * GUARD,
        )

    def or_earlier(self, other: Deadline) -> Deadline:
        """The earlier one of both."""
        return Deadline(
            min(self.work, other.work),
            min(self.wall, other.wall),
            min(self.processor, other.processor),
        )


NEVER = Deadline(float("inf"), float("inf"), float("inf"))


def within(seconds: float) -> Deadline:
    """So many seconds from now."""
    return Deadline(WORK.done, time.perf_counter(), time.thread_time()).later(seconds)


class Clock:
    """Until when the work at hand may go on; without end outside of `limited`."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until = NEVER

    def step(self) -> None:
        """One step of a loop whose length strangers choose. Raises OverBudget."""
        WORK.done += 1
        if WORK.done > self.until.work:
            raise OverBudget(SPENT)

    def check(self) -> None:
        """Raises OverBudget when the time is spent."""
        if self.until.passed:
            raise OverBudget(SPENT)

    @contextmanager
    def limited(self, until: Deadline) -> Iterator[None]:
        """Work that must end by `until`, or earlier where a limit holds already."""
        before = self.until
        self.until = before.or_earlier(until)
        try:
            yield
        finally:
            self.until = before


__all__ = ["NEVER", "SPENT", "WORK", "Clock", "Deadline", "within"]
