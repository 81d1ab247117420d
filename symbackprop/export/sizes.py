"""Which sizes are numbers in code and which are told by the shapes of inputs; values of constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symbackprop.errors import SpecError, UnsupportedForm, printable
from symbackprop.numeric.values import example_sizes, open_sizes
from symbackprop.system.model import System


def fixed_sizes(system: System, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers for every size that a parameter has; the others are told by the inputs' shapes."""
    told = _told_by_inputs(system) - _sizes_of_parameters(system)
    plain_sizes, families = open_sizes(system)
    found = example_sizes(system, sizes)
    return {
        name: value
        for name, value in found.items()
        if name not in told and (name in plain_sizes or name in families)
    }


def _told_by_inputs(system: System) -> set[str]:
    names = set()
    for q in (*system.inputs, *system.targets):
        for axis in q.axes:
            if isinstance(axis.upper, sp.Symbol) and axis.lower == 1:
                names.add(axis.upper.name)
    return names


def _sizes_of_parameters(system: System) -> set[str]:
    names = set()
    for q in system.parameters:
        for axis in q.axes:
            names |= {s.name for b in (axis.lower, axis.upper) for s in b.atoms(sp.Symbol)}
    for q in system.quantities:
        names |= {
            s.name for axis in q.axes if axis.kind == "layer" for s in axis.upper.atoms(sp.Symbol)
        }
    return names


def runtime_sizes(batched: System) -> tuple[tuple[str, str, int], ...]:
    """(size, input or target, axis) for every symbolic size of the batched system."""
    found: dict[str, tuple[str, str, int]] = {}
    for q in (*batched.inputs, *batched.targets):
        for place, axis in enumerate(q.axes):
            if isinstance(axis.upper, sp.Symbol) and axis.lower == 1:
                found.setdefault(axis.upper.name, (axis.upper.name, q.name, place))
    for q in batched.quantities:
        for axis in q.axes:
            for symbol in axis.count.free_symbols:
                if isinstance(symbol, sp.Symbol) and symbol.name not in found:
                    raise UnsupportedForm(
                        f"the size {printable(symbol.name)} of {printable(q.name)} is told"
                        " by no input",
                        hint="give it a number",
                    )
    return tuple(found.values())


def constants(system: System) -> dict[str, float]:
    """The numbers of the constants. Raises SpecError where one has none."""
    found = {}
    for q in system.quantities:
        if q.role != "constant":
            continue
        if q.name not in system.values:
            raise SpecError(
                f"the constant {printable(q.name)} has no value", hint="give it one in the spec"
            )
        found[q.name] = float(system.values[q.name])
    return found
