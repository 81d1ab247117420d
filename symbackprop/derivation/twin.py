"""The same network with letters for its sizes.

What the index and matrix views say does not depend on the sizes. For a large network it is therefore derived
and judged with letters (a proof for all sizes), and printed with the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.formula.tree import Formula, Idx, Num
from symbackprop.system.model import Axis, Equation, Quantity, System, size

LARGE = 300
"""Up to so many entries a network is judged at its own sizes."""


@dataclass(frozen=True)
class Twin:
    """system: with letters; numbers: letter -> number."""

    system: System
    numbers: dict[str, int]

    def printed(self, formula: Formula) -> Formula:
        """The formula with the numbers in place of the letters."""

        def number(node: Formula) -> Formula | None:
            if isinstance(node, Idx) and node.name in self.numbers:
                return Num(str(self.numbers[node.name]))
            return None

        return formula.rewrite(number)


def twin(system: System) -> Twin | None:
    """The twin of a large network whose axes all have numbers and a space; None for any other."""
    axes = [axis for q in system.quantities for axis in q.axes]
    if not axes or any(not (a.count.is_Integer and a.space) for a in axes):
        return None
    total = sum(sp.Integer(1) * sp.prod([a.count for a in q.axes]) for q in system.quantities)
    if total <= LARGE:
        return None
    letters = {a.space: size(f"n{a.space}") for a in axes}
    numbers = {letters[a.space].name: int(a.upper) for a in axes}
    quantities = tuple(_quantity(q, letters) for q in system.quantities)
    widths = tuple(letters.get(str(i), w) for i, w in enumerate(system.about.widths))
    known = {q.name: q for q in system.quantities}
    equations = tuple(_equation(e, known, letters) for e in system.equations)
    return Twin(
        replace(
            system,
            quantities=quantities,
            equations=equations,
            sizes=(*system.sizes, *dict.fromkeys(letters.values())),
            values={},
            about=replace(system.about, widths=widths),
        ),
        numbers,
    )


def _quantity(q: Quantity, letters: dict[str, sp.Symbol]) -> Quantity:
    axes = tuple(Axis(a.index, letters[a.space], a.lower, a.kind, a.space) for a in q.axes)
    return replace(q, axes=axes)


def _equation(e: Equation, known: dict[str, Quantity], letters: dict[str, sp.Symbol]) -> Equation:
    target = known[e.target]
    ranges = []
    for letter, low, high in e.ranges:
        place = e.indices.index(letter)
        ranges.append((letter, low, letters[target.axes[place].space] if high.is_Integer else high))
    rhs = e.rhs.replace(lambda x: isinstance(x, sp.Sum), lambda x: _sum(x, known, letters))
    return replace(e, rhs=rhs, ranges=tuple(ranges))


def _sum(expr: sp.Sum, known: dict[str, Quantity], letters: dict[str, sp.Symbol]) -> sp.Expr:
    limits = []
    for limit in expr.limits:
        letter, low, high = limit
        space = next(
            (
                known[str(entry.base.label)].axes[entry.indices.index(letter)].space
                for entry in expr.function.atoms(sp.Indexed)
                if letter in entry.indices and str(entry.base.label) in known
            ),
            "",
        )
        limits.append((letter, low, letters[space] if space else high))
    return sp.Sum(expr.function, *limits)
