"""Numbers for symbolic sizes: shapes of quantities, ranges as numbers.

`Sizes` maps the name of a size to a whole number, and `s` (the widths of a generic network) to a
sequence: {"L": 2, "s": [2, 4, 3], "m": 2}; s[0] is the number of inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from symbackprop.errors import SpecError, printable
from symbackprop.system.model import Axis, Quantity, System

Sizes = Mapping[str, int | Sequence[int]]


def numbered(expression: sp.Expr, sizes: Sizes) -> sp.Expr:
    """`expression` (a bound, an equation's side) with the given numbers for its sizes.

    `s[2]` becomes the third width; `s[l]` stays until l is a number.
    """
    if expression.is_Integer:
        return expression
    changes: dict[sp.Basic, sp.Basic] = {}
    for symbol in expression.free_symbols:
        # Only a size is an integer symbol known to be positive: an index letter is not.
        if isinstance(symbol, sp.Symbol) and symbol.is_positive and symbol.name in sizes:
            number = sizes[symbol.name]
            if isinstance(number, int):
                changes[symbol] = sp.Integer(number)
    after = expression.xreplace(changes) if changes else expression
    widths: dict[sp.Basic, sp.Basic] = {}
    for node in after.atoms(sp.Indexed):
        given = sizes.get(node.base.label.name)
        if isinstance(given, int) or given is None or not node.base.label.is_integer:
            continue
        place = node.indices[0]
        if place.is_Integer:
            if not 0 <= int(place) < len(given):
                raise SpecError(
                    f"there are {len(given)} widths, and {node} is asked for",
                    hint="the first width is that of the input, s[0]",
                )
            widths[node] = sp.Integer(given[int(place)])
    return after.xreplace(widths) if widths else after


def span(axis: Axis, sizes: Sizes, letters: Mapping[sp.Symbol, int]) -> range:
    """The numbers that the axis runs over, once the letters of earlier axes are numbers.

    Raises SpecError where a size is missing.
    """
    bounds = []
    for bound in (axis.lower, axis.upper):
        value = bound.xreplace({letter: sp.Integer(v) for letter, v in letters.items()})
        value = numbered(value, sizes)
        if not value.is_Integer:
            missing = ", ".join(sorted(str(s) for s in value.free_symbols))
            raise SpecError(
                f"the size {printable(str(value))} of the axis {axis.index} is not a number",
                hint=f"give a number for {missing}",
            )
        bounds.append(int(value))
    return range(bounds[0], bounds[1] + 1)


def shape(quantity: Quantity, sizes: Sizes | None = None) -> tuple[int, ...]:
    """How many entries each axis has. Raises SpecError for a missing size or a ragged quantity.

    A ragged one is `w[l,j,k]` of a generic network: its layers have different widths.
    """
    letters = set(quantity.indices)
    for axis in quantity.axes:
        if (axis.upper.free_symbols | axis.lower.free_symbols) & letters:
            raise SpecError(
                f"'{quantity.name}' has no single shape: the size of its axis {axis.index} "
                "differs from layer to layer"
            )
    return tuple(len(span(axis, sizes or {}, {})) for axis in quantity.axes)


def count(quantity: Quantity, sizes: Sizes | None = None) -> int:
    """How many entries the quantity has, ragged or not; cheap where it is not ragged."""
    return _count(quantity.axes, sizes or {}, {})


def _count(axes: tuple[Axis, ...], sizes: Sizes, letters: Mapping[sp.Symbol, int]) -> int:
    if not axes:
        return 1
    first, rest = axes[0], axes[1:]
    numbers = span(first, sizes, letters)
    needed = any(first.index in (a.upper.free_symbols | a.lower.free_symbols) for a in rest)
    if not needed:
        return len(numbers) * _count(rest, sizes, letters)
    return sum(_count(rest, sizes, {**letters, first.index: n}) for n in numbers)


def size_names(system: System) -> tuple[str, ...]:
    """The names that `Sizes` must hold before every range is a number ('s' for generic widths)."""
    found: dict[str, None] = {}
    for quantity in system.quantities:
        letters = set(quantity.indices)
        for axis in quantity.axes:
            for bound in (axis.lower, axis.upper):
                for node in sorted(bound.atoms(sp.Indexed), key=str):
                    found[node.base.label.name] = None
                for symbol in sorted(bound.free_symbols - letters, key=str):
                    if isinstance(symbol, sp.Symbol):
                        found[symbol.name] = None
    return tuple(found)
