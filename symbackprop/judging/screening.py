"""Numbers of one statement at sample points: candidates are compared with its left side in no time.

Nothing here proves anything: what agrees is judged afterwards, what does not is no repair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Judge, Named
from symbackprop.judging.letters import Letters, Ranges, free_letters
from symbackprop.judging.meaning import Arr, Env, Meaning, Value
from symbackprop.judging.numbers import Machine, Point
from symbackprop.judging.problems import OutOfRange, Problem

RATIOS = (1, -1, 2, 0.5, -2, -0.5)
"""Constant factors that a candidate may be off by, to be mended besides."""
SEEDS = (0, 1)
MOST_ENVS = 40
"""At most so many values of the free letters are compared."""
LOST = (Problem, ZeroDivisionError, ValueError, TypeError, KeyError, RecursionError)


class Remembering(Meaning):
    """The meaning of formulas, each part of them computed once for each value of its letters."""

    known: dict[tuple[int, tuple[int, ...]], tuple[t.Formula, Value]]

    def of(self, f: t.Formula, env: Env) -> Value:
        key = (id(f), tuple(env.values()))
        found = self.known.get(key)
        if found is None:
            # The formula is kept with its value: an identity must not be given to another one.
            found = self.known[key] = (f, super().of(f, env))
        return found[1]


class Screen:
    """The sample points of a statement `left = wrong`."""

    def __init__(
        self,
        judge: Judge,
        left: t.Formula,
        wrong: t.Formula,
        definitions: Named,
        ranges: Ranges,
        constants: Sequence[str],
    ) -> None:
        """Raises Problem where the statement has no instance."""
        self.court = judge.court(judge.trials[0])
        self.left, self.wrong = left, wrong
        instance = self.court.instance
        self.sizes = instance.sizes
        self.bounds = Letters(instance, ranges)
        self.meaning = Remembering(instance, definitions, self.court.layout, self.bounds)
        self.meaning.known = {}
        self.meaning.constants = set(constants)
        free = frozenset(constants)
        self.points: list[Point] = [self.court.point(s, Machine, free) for s in SEEDS]
        self._envs: dict[tuple[str, ...], list[dict[str, int]]] = {}
        self._left = free_letters(left, self.sizes)

    def envs(self, other: t.Formula) -> list[dict[str, int]]:
        """The values of the free letters of the left side; of both sides, if `other` has more."""
        names = tuple(x for x in free_letters(other, self.sizes) if x not in self._left)
        found = self._envs.get(names)
        if found is None:
            about = t.Chain((self.left, other), ("=",)) if names else self.left
            letters = [*self._left, *names]
            found = self.bounds.assignments(letters, about)
            found = found[:: max(1, len(found) // MOST_ENVS)]
            self._envs[names] = found
        return found

    # --- comparing ----------------------------------------------------------------------------

    def ratio(self, left: t.Formula, right: t.Formula) -> Fraction | None:
        """left / right where it is one of RATIOS at all points; None if not.

        Where an index leaves its range nothing is compared: the judge decides.
        """
        ratio: float | None = None
        try:
            envs = self.envs(right if left is self.left else left)
        except LOST:
            return None
        seen = False
        for env in envs:
            try:
                pairs = self._pairs(self.meaning.of(left, env), self.meaning.of(right, env))
            except OutOfRange:
                continue
            except LOST:
                return None
            if pairs is None:
                return None
            for point in self.points:
                for a, b in pairs:
                    x, y = point.at(a), point.at(b)
                    if x is None or y is None:
                        return None
                    seen = True
                    one = _quotient(x, y)
                    if one is None:
                        if abs(x - y) > 1e-12:
                            return None
                        continue
                    if ratio is None:
                        if not any(math.isclose(one, r, rel_tol=1e-8) for r in RATIOS):
                            return None
                        ratio = one
                    elif not math.isclose(ratio, one, rel_tol=1e-8):
                        return None
        if not seen:
            return None
        if ratio is None:
            return Fraction(1)
        return next(Fraction(r) for r in RATIOS if math.isclose(ratio, r, rel_tol=1e-8))

    def _pairs(self, a: Value, b: Value) -> list[tuple[int, int]] | None:
        if isinstance(a, Arr) and isinstance(b, Arr):
            same = (a.rows, a.cols) == (b.rows, b.cols)
            return list(zip(a.cells, b.cells, strict=True)) if same else None
        if isinstance(a, Arr) or isinstance(b, Arr):
            return None
        return [(a, b)]

    # --- single numbers -------------------------------------------------------------------------

    def worlds(self) -> list[tuple[dict[str, int], Point]]:
        """A few places to look a number up at: two values of the letters, two samples."""
        try:
            envs = self.envs(self.wrong)
        except LOST:
            return []
        chosen = [envs[0], envs[-1]] if len(envs) > 1 else envs[:1]
        return [(env, point) for point in self.points for env in chosen]

    def number(self, f: t.Formula, world: tuple[dict[str, int], Point]) -> float | None:
        """The value of a scalar formula; None if it has none."""
        env, point = world
        try:
            value: Any = self.meaning.of(f, env)
            if isinstance(value, Arr):
                if (value.rows, value.cols) != (1, 1):
                    return None
                value = value.cells[0]
            found = point.at(value)
        except LOST:
            return None
        return found if isinstance(found, float | int) and math.isfinite(found) else None


def _quotient(x: float, y: float) -> float | None:
    """x / y; None where one of them is 0."""
    if abs(y) < 1e-12 or abs(x) < 1e-12:
        return None
    return x / y
