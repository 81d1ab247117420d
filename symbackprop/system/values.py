"""Numbers for inputs, targets, parameters and constants: nested lists by name.

Where a network brings no numbers, distinct small decimals are made, so that a swapped index, layer
or transpose changes a result, and targets that satisfy their facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as counting
from math import gcd
from typing import TYPE_CHECKING, Any

import sympy as sp

from symbackprop.errors import ManyErrors, SpecError, SymbackpropError, TooLarge
from symbackprop.system.facts import known
from symbackprop.system.model import Axis, Quantity, System
from symbackprop.system.shapes import Sizes, count, numbered, size_names, span

if TYPE_CHECKING:
    from symbackprop.system.checks import Parts

GIVEN_ROLES = ("input", "target", "weight", "bias", "parameter", "constant")
"""The roles whose numbers are given; all others are computed."""

RATE = "learning rate"
"""A key of `System.values` that is no quantity (no name can hold a space)."""

MAX_ENTRIES = 1_000_000
_WIDTHS = (2, 4, 3, 5)
_SIZES = {"m": 2, "T": 3, "L": 2, "D": 2, "H": 3, "K": 2}


def default_sizes(system: System) -> dict[str, int | list[int]]:
    """Small numbers for the symbolic sizes: L = 2, s = [2, 4, 3], m = 2; neighbours differ."""
    names = size_names(system)
    chosen: dict[str, int | list[int]] = {n: _SIZES[n] for n in names if n in _SIZES}
    fresh = (n for n in counting(2) if n not in chosen.values())
    for name in names:
        if name not in chosen and name != "s":
            chosen[name] = next(fresh)
    if "s" in names:
        depth = chosen.get("L")
        if depth is None:
            layers = [q.layer for q in system.targets if q.layer is not None]
            depth = max((int(at) for at in layers if at.is_Integer), default=2)
        assert isinstance(depth, int)
        chosen["s"] = [_WIDTHS[i % len(_WIDTHS)] for i in range(depth + 1)]
    return _large_enough(system, chosen)


def _large_enough(system: System, chosen: dict[str, int | list[int]]) -> dict[str, int | list[int]]:
    """Grow sizes until no axis such as T-3 is empty."""
    for q in system.quantities:
        for axis in q.axes:
            names = [s.name for s in axis.count.free_symbols if isinstance(s, sp.Symbol)]
            for _ in range(20):
                number = numbered(axis.count, chosen)
                if not (number.is_Integer and number < 1):
                    break
                for name in names:
                    known = chosen.get(name)
                    if isinstance(known, int):
                        chosen[name] = known + 1
    return chosen


def default_values(system: System, sizes: Sizes | None = None) -> dict[str, Any]:
    """Numbers for every given quantity; those that the system brings are kept.

    sizes: numbers for symbolic sizes; what is missing is taken from the system's own values, else
    small. Raises SpecError where given values do not fit, TooLarge above MAX_ENTRIES numbers.
    """
    return completed(system, sizes)[0]


def completed(
    system: System, sizes: Sizes | None = None
) -> tuple[dict[str, Any], dict[str, int | list[int]]]:
    """(values, sizes): all numbers and all sizes, as in `default_values`."""
    chosen = default_sizes(system)
    chosen.update(sizes_of_values(system))
    for name, number in (sizes or {}).items():
        chosen[name] = number if isinstance(number, int) else list(number)
    widths, depth = chosen.get("s"), chosen.get("L")
    if isinstance(widths, list) and isinstance(depth, int) and len(widths) != depth + 1:
        if sizes and "s" in sizes and "L" not in sizes:
            chosen["L"] = len(widths) - 1
        else:
            chosen["s"] = [_WIDTHS[i % len(_WIDTHS)] for i in range(depth + 1)]
    given = [q for q in system.quantities if q.role in GIVEN_ROLES]
    total = sum(count(q, chosen) for q in given)
    if total > MAX_ENTRIES:
        raise TooLarge(
            f"{total:,} numbers would be needed; at most {MAX_ENTRIES:,} are possible",
            hint="take smaller sizes",
        )
    check_values(system, chosen)
    values: dict[str, Any] = {}
    decimals, inputs = _decimals(), _inputs()
    for q in given:
        if q.name in system.values:
            values[q.name] = system.values[q.name]
        elif q.role == "target":
            values[q.name] = _targets(q, chosen)
        elif q.role == "constant":
            values[q.name] = 0.1
        else:
            values[q.name] = _fill(q.axes, chosen, {}, inputs if q.role == "input" else decimals)
    if RATE in system.values:
        values[RATE] = system.values[RATE]
    return values, chosen


def sizes_of_values(system: System | Parts) -> dict[str, int | list[int]]:
    """The symbolic sizes that the system's own values determine."""
    found: dict[str, int | list[int]] = {}
    for q in system.quantities:
        value = system.values.get(q.name)
        for axis in q.axes:
            if not isinstance(value, list | tuple) or not value:
                break
            upper = axis.upper
            if isinstance(upper, sp.Symbol):
                found.setdefault(upper.name, len(value) - 1 + int(axis.lower))
            value = value[0]
    return found


def check_values(system: System | Parts, sizes: Sizes) -> None:
    """Raise SpecError or ManyErrors unless every value has the shape of its quantity."""
    errors: list[SymbackpropError] = []
    for q in system.quantities:
        if q.name not in system.values:
            continue
        problem = misfit(q.axes, system.values[q.name], sizes, {}, q.name)
        if problem:
            errors.append(SpecError(problem))
    if errors:
        raise errors[0] if len(errors) == 1 else ManyErrors(errors)


def misfit(
    axes: tuple[Axis, ...], value: Any, sizes: Sizes, letters: dict[sp.Symbol, int], where: str
) -> str:
    """What is wrong with the shape of `value`, in words; '' if it fits or a size is unknown."""
    if not axes:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"the value of '{where}' must be a number, not a {_kind(value)}"
        return ""
    if not isinstance(value, list | tuple):
        return f"the value of '{where}' must be a list over {axes[0].index}, not a {_kind(value)}"
    axis = axes[0]
    bounds = [
        numbered(b.xreplace({k: sp.Integer(v) for k, v in letters.items()}), sizes)
        for b in (axis.lower, axis.upper)
    ]
    if not all(b.is_Integer for b in bounds):
        return ""
    numbers = range(int(bounds[0]), int(bounds[1]) + 1)
    if len(value) != len(numbers):
        return (
            f"the value of '{where}' has {len(value)} entries over {axis.index}, "
            f"but {axis.index} = {bounds[0]}..{bounds[1]} needs {len(numbers)}"
        )
    for number, part in zip(numbers, value, strict=True):
        inner = misfit(axes[1:], part, sizes, {**letters, axis.index: number}, where)
        if inner:
            return inner
    return ""


def _kind(value: object) -> str:
    return {list: "list", tuple: "list", str: "text", bool: "truth value", dict: "table"}.get(
        type(value), "number"
    )


def _decimals() -> Iterator[float]:
    """All tenths between -0.9 and 0.9, well mixed, then hundredths, thousandths, …; none twice."""
    for places in counting(1):
        unit = 10**places
        ring = 2 * (unit - 1)
        stride = 7 * unit // 10
        while gcd(stride, ring) != 1:  # so that the walk around the ring meets every number once
            stride += 1
        for i in range(ring):
            step = (i * stride) % ring
            number = step // 2 + 1 if step % 2 == 0 else -(step // 2 + 1)
            if number % 10 and abs(number) * 20 >= unit:
                yield round(number / unit, places)


def _inputs() -> Iterator[float]:
    yield from (1.0, 0.5, -0.5, 0.8, -1.0, 0.3, 1.5, -0.2)
    yield from (round(x * 1.3, 4) for x in _decimals())


def _fill(
    axes: tuple[Axis, ...], sizes: Sizes, letters: dict[sp.Symbol, int], numbers: Iterator[float]
) -> Any:
    if not axes:
        return next(numbers)
    axis = axes[0]
    return [
        _fill(axes[1:], sizes, {**letters, axis.index: n}, numbers)
        for n in span(axis, sizes, letters)
    ]


def _targets(q: Quantity, sizes: Sizes) -> Any:
    over = next((f.over for f in q.facts if f.kind == "sums to 1"), "")
    if over:
        return _one_hot(q.axes, sizes, over, {}, 0)
    if known("in {-1,1}", q.facts):
        cycle = [1.0, -1.0, -1.0, 1.0, 1.0]
    elif known("in [0,1]", q.facts):
        cycle = [1.0, 0.0, 0.0, 1.0, 1.0]
    elif known("nonnegative", q.facts):
        cycle = [1.0, 0.0, 2.0, 3.0, 1.0]
    else:
        cycle = [0.9, 0.2, 0.6, 0.1, 0.4, 0.7, 0.3]
    numbers = (cycle[i % len(cycle)] for i in counting())
    return _fill(q.axes, sizes, {}, numbers)


def _one_hot(
    axes: tuple[Axis, ...], sizes: Sizes, over: str, letters: dict[sp.Symbol, int], hot: int
) -> Any:
    """1 at one place of the axis `over`, another place for each entry of the other axes."""
    if not axes:
        return 1.0
    axis = axes[0]
    numbers = span(axis, sizes, letters)
    if axis.index.name == over:
        chosen = hot % len(numbers)
        return [
            _one_hot(axes[1:], sizes, over, {**letters, axis.index: n}, hot)
            if i == chosen
            else _zeros(axes[1:], sizes, {**letters, axis.index: n})
            for i, n in enumerate(numbers)
        ]
    return [
        _one_hot(axes[1:], sizes, over, {**letters, axis.index: n}, hot + i)
        for i, n in enumerate(numbers)
    ]


def _zeros(axes: tuple[Axis, ...], sizes: Sizes, letters: dict[sp.Symbol, int]) -> Any:
    return _fill(axes, sizes, letters, (0.0 for _ in counting()))
