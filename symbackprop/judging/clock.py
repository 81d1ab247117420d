"""The time that a statement may take: long loops ask, and stop when it is spent.

It is processor time of this process, so that a verdict does not depend on what else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from symbackprop.judging.problems import OverBudget

SPENT = "budget: the time for one statement is spent"
OFTEN = 256
"""The clock is looked at once in so many steps."""


class Clock:
    """Until when the work at hand may go on; without end outside of `limited`."""

    __slots__ = ("_steps", "until")

    def __init__(self) -> None:
        self.until = float("inf")
        self._steps = 0

    def step(self) -> None:
        """One step of a loop whose length strangers choose. Raises OverBudget."""
        self._steps += 1
        if self._steps >= OFTEN:
            self._steps = 0
            self.check()

    def check(self) -> None:
        """Raises OverBudget when the time is spent."""
        if time.process_time() > self.until:
            raise OverBudget(SPENT)

    @contextmanager
    def limited(self, until: float) -> Iterator[None]:
        """Work that must end by `until`, or earlier where a limit holds already."""
        before = self.until
        self.until = min(before, until)
        try:
            yield
        finally:
            self.until = before
