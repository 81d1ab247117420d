"""The symbolic gradient against numbers that know nothing of it.

    |symbolic - numeric| / max(1, |symbolic|)

The numeric value is a complex step, Im J(w + ih)/h with h = 1e-30 (branches on the real part; no
rounding error from the difference), where every function of the system has a complex form, else a
central difference in 50-digit arithmetic. The forward pass is `forward`, the plain one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy as sp

from symbackprop.numeric.arithmetic import Decimals, Floats
from symbackprop.numeric.forward import Entry, Forward
from symbackprop.system.model import System

STEP = 1e-30
DIGITS = 50
AT_ONCE = 256
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter entry: the symbolic and the numeric derivative of the cost by it."""

    name: str
    index: tuple[int, ...]
    symbolic: float
    numeric: float

    @property
    def label(self) -> str:
        return f"{self.name}[{','.join(map(str, self.index))}]" if self.index else self.name

    @property
    def error(self) -> float:
        """|symbolic - numeric| / max(1, |symbolic|); NaN counts as infinite."""
        gap = abs(self.symbolic - self.numeric) / max(1.0, abs(self.symbolic))
        return gap if np.isfinite(gap) else float("inf")


@dataclass(frozen=True, slots=True)
class Gradcheck:
    """The table, the way its numeric column was made, and what was checked.

    left_out   parameter entries beyond the largest number of rows
    stand_ins  abstract functions that were checked with tanh in their place
    """

    rows: tuple[Row, ...]
    method: str
    sizes: Mapping[str, Any]
    cost: float
    left_out: int = 0
    stand_ins: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        return max((row.error for row in self.rows), default=0.0)

    @property
    def passed(self) -> bool:
        return self.worst <= TOLERANCE


def with_stand_ins(system: System) -> tuple[System, tuple[str, ...]]:
    """The system with tanh for every abstract function, and the names of those."""
    abstract = tuple(f.name for f in system.functions if f.expression is None)
    if not abstract:
        return system, ()
    functions = tuple(
        replace(f, expression=sp.tanh(f.variable)) if f.expression is None else f
        for f in system.functions
    )
    return replace(system, functions=functions), abstract


def analytic(system: System) -> bool:
    """Whether every function in the equations has a complex form in `Floats`."""
    known = set(Floats().functions) | {"KroneckerDelta", "Max", "Min", "Piecewise"}
    known |= set(system.function_by_name)
    expressions = [e.rhs for e in system.equations]
    expressions += [f.expression for f in system.functions if f.expression is not None]
    applied = {a.func.__name__ for e in expressions for a in e.atoms(sp.Function)}
    return applied <= known


def numeric_gradient(
    system: System, values: Mapping[str, Any], sizes: Mapping[str, Any], entries: Sequence[Entry]
) -> tuple[float, list[float], str]:
    """The cost, dJ/d(entry) for each entry, and the method's name."""
    forward = Forward(system, sizes)
    if analytic(system):
        return *_complex_step(forward, values, entries), "complex step"
    return *_decimal_differences(forward, values, entries), f"{DIGITS}-digit central differences"


def _complex_step(
    forward: Forward, values: Mapping[str, Any], entries: Sequence[Entry]
) -> tuple[float, list[float]]:
    floats = Floats()
    found: list[float] = []
    with np.errstate(all="ignore"):
        cost = float(np.real(forward.run(values, floats).cost()))
        base = forward.run(values, floats)
        for start in range(0, len(entries), AT_ONCE):
            part = entries[start : start + AT_ONCE]
            replaced = {}
            for position, (name, index) in enumerate(part):
                copies = np.full(len(part), complex(base.entry(name, index)))
                copies[position] += 1j * STEP
                replaced[(name, index)] = copies
            moved = np.broadcast_to(forward.run(values, floats, replaced).cost(), (len(part),))
            found += [float(v) for v in np.imag(moved) / STEP]
    return cost, found


def _decimal_differences(
    forward: Forward, values: Mapping[str, Any], entries: Sequence[Entry]
) -> tuple[float, list[float]]:
    decimals = Decimals()
    with mpmath.workdps(DIGITS):
        exact = {name: to_decimals(value) for name, value in values.items()}
        step = mpmath.mpf(10) ** (-DIGITS // 3)
        base = forward.run(exact, decimals)
        cost = float(base.cost())
        found = []
        for key in entries:
            middle = base.entry(*key)
            up = forward.run(exact, decimals, {key: middle + step}).cost()
            down = forward.run(exact, decimals, {key: middle - step}).cost()
            found.append(float((up - down) / (2 * step)))
    return cost, found


def to_decimals(value: Any) -> Any:
    """Nested lists of mpmath numbers, exactly the given doubles."""
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        return [to_decimals(v) for v in value]
    return mpmath.mpf(float(value))
