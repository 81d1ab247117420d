"""Wide layers: a statement about 784 neurons is judged for any number of neurons.

The index and the matrix view say nothing that depends on a width, so a wide layer's number becomes a symbolic
size, in the network and in the bounds of the sums of the statement. What holds for all sizes holds for this one;
numbers that stand as factors (1/784 of a mean) are left as they are.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from symbackprop.errors import IllFormedSystem, ManyErrors
from symbackprop.formula import tree as t
from symbackprop.system.model import Axis, Equation, System, size

WIDE = 6
"""Layers of more neurons than this are judged for all widths."""


class Widened:
    """The system with symbols for the large sizes of axes of these kinds, and statements about it."""

    def __init__(self, system: System, kinds: Container[str] = ("unit", "sample")) -> None:
        uppers: dict[bool, set[sp.Expr]] = {False: set(), True: set()}
        for axis in (a for q in system.quantities for a in q.axes):
            uppers[axis.kind in kinds].add(axis.upper)
        # One number stands for one thing: what also counts something else is left as it is.
        numbers = sorted(int(u) for u in uppers[True] - uppers[False] if u.is_Integer)
        wide = [n for n in numbers if n > WIDE]
        self.symbols = {n: size(f"width.{n}") for n in wide}
        try:
            self.system = self._system(system) if wide else system
        except (IllFormedSystem, ManyErrors):
            # Sizes that depend on one another (7 = 5 + 2 of a convolution): judged as they are.
            self.symbols = {}
            self.system = system

    def statement(self, chain: t.Chain) -> t.Chain:
        """The chain with the same symbols as bounds of sums and as lengths of columns of ones."""
        if not self.symbols:
            return chain
        changed = self._formula(chain)
        assert isinstance(changed, t.Chain)
        return changed

    def ranges(self, ranges: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
        """Letters' ranges with the same symbols."""
        return {
            x: (low, self._bound(high) if isinstance(high, t.Formula) else high)
            for x, (low, high) in ranges.items()
        }

    def _formula(self, f: t.Formula) -> t.Formula:
        inner = f.map(self._formula)
        if isinstance(inner, t.Sum) and inner.upper is not None:
            return replace(inner, upper=self._bound(inner.upper))
        if isinstance(inner, t.Ones):
            return replace(inner, size=self._bound(inner.size))
        return inner

    def _bound(self, bound: t.Formula) -> t.Formula:
        if isinstance(bound, t.Num) and bound.value.denominator == 1:
            symbol = self.symbols.get(int(bound.value))
            return bound if symbol is None else t.Idx(symbol.name)
        return bound

    # --- the system ----------------------------------------------------------------------------

    def _size(self, bound: sp.Expr) -> sp.Expr:
        return self.symbols.get(int(bound), bound) if bound.is_Integer else bound

    def _axis(self, axis: Axis) -> Axis:
        return replace(axis, upper=self._size(axis.upper))

    def _rhs(self, expr: sp.Expr) -> sp.Expr:
        if isinstance(expr, sp.Sum):
            limits = [(x, low, self._size(high)) for x, low, high in expr.limits]
            return sp.Sum(self._rhs(expr.function), *limits)
        if not expr.has(sp.Sum):
            return expr
        return expr.func(*(self._rhs(a) for a in expr.args))

    def _equation(self, e: Equation) -> Equation:
        ranges = tuple((x, low, self._size(high)) for x, low, high in e.ranges)
        return replace(e, rhs=self._rhs(e.rhs), ranges=ranges)

    def _system(self, system: System) -> System:
        quantities = tuple(
            replace(q, axes=tuple(self._axis(a) for a in q.axes)) for q in system.quantities
        )
        return replace(
            system,
            quantities=quantities,
            equations=tuple(self._equation(e) for e in system.equations),
            sizes=(*system.sizes, *self.symbols.values()),
            values={},
            about=replace(system.about, widths=tuple(self._size(w) for w in system.about.widths)),
        )
