"""Formulas by their values: which of them is worth these numbers?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from symbackprop.formula import tree as t
from symbackprop.judging.guided.needed import Numbers, close


class Table:
    """Formulas with their values at the sample points, found again up to the sign."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], list[tuple[t.Formula, Numbers]]] = {}
        self.all: list[tuple[t.Formula, Numbers]] = []

    def add(self, f: t.Formula, values: Numbers | None) -> None:
        """One more formula; those without a value, and zeros, are passed over."""
        if values is None or abs(values[0]) < 1e-9:
            return
        self.all.append((f, values))
        self._rows.setdefault(_key(values[0], 0), []).append((f, values))

    def find(self, needed: Numbers) -> Iterator[tuple[int, t.Formula]]:
        """(sign, formula) with sign * formula = needed, in the order in which they were added."""
        if not needed or abs(needed[0]) < 1e-9:
            return
        turned = [-x for x in needed]
        for step in (-1, 0, 1):
            for f, values in self._rows.get(_key(needed[0], step), ()):
                if close(values, needed):
                    yield 1, f
                elif close(values, turned):
                    yield -1, f


def _key(x: float, step: int) -> tuple[int, int]:
    """The leading digits of a number; neighbours by `step`."""
    mantissa, exponent = math.frexp(abs(x))
    return exponent, int(mantissa * 1e4) + step
