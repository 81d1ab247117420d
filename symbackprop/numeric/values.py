"""Example sizes and values for a System: all distinct, and true to the stated facts.

Targets that sum to 1 are normalised, labels of plus or minus 1 are drawn as such, probabilities lie
inside (0, 1). Sizes that are left open get distinct small numbers, so that a swapped index shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from symbackprop.errors import SpecError, TooLarge, printable
from symbackprop.numeric.forward import Forward
from symbackprop.system.model import Quantity, System

LARGEST = 20_000_000
"""More entries than this are refused: the plain forward pass visits each of them."""

_SMALL = (3, 2, 4, 5, 6, 7, 8, 9)


def open_sizes(system: System) -> tuple[list[str], list[str]]:
    """Names of the symbolic sizes, and of the families of layer widths such as `s` in `s[l]`."""
    plain: list[str] = []
    families: list[str] = []
    letters = {axis.index for q in system.quantities for axis in q.axes}
    for q in system.quantities:
        for axis in q.axes:
            for bound in (axis.lower, axis.upper):
                for atom in bound.atoms(sp.Indexed):
                    families.append(str(atom.base.label))
                bases = {atom.base.label for atom in bound.atoms(sp.Indexed)}
                for symbol in bound.free_symbols - letters - bases:
                    if isinstance(symbol, sp.Symbol):
                        plain.append(symbol.name)
    plain += [symbol.name for symbol in system.sizes]
    families = list(dict.fromkeys(families))
    return [n for n in dict.fromkeys(plain) if n not in families], families


def example_sizes(system: System, sizes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A number for every open size: the given ones, then those that the values show, then defaults."""
    found: dict[str, Any] = dict(sizes or {})
    for name, value in system.values.items():
        if name in system.by_name and name not in found:
            for axis, count in zip(system[name].axes, np.shape(value), strict=False):
                if isinstance(axis.upper, sp.Symbol) and axis.lower == 1:
                    found.setdefault(axis.upper.name, count)
    plain, families = open_sizes(system)
    fresh = iter(_SMALL * 100)
    for name in plain:
        if name not in found:
            found[name] = next(fresh)
    for name in families:
        if name not in found:
            depth = system.about.depth
            layers = found.get(depth.name, 3) if isinstance(depth, sp.Symbol) else 3
            found[name] = [2 + (i * 2 + 1) % 4 for i in range(int(layers) + 1)]
    return found


def shape(q: Quantity, forward: Forward, first: int | None = None) -> tuple[int, ...]:
    """The shape of a quantity; with `first`, of its part at that value of the first axis."""
    letters: dict[str, int] = {}
    counts: list[int] = []
    for position, axis in enumerate(q.axes):
        if position == 0 and first is not None:
            letters[axis.index.name] = first
            continue
        counts.append(len(forward.bounds(axis.lower, axis.upper, letters)))
    return tuple(counts)


def ragged(q: Quantity) -> bool:
    """Whether later axes depend on the first, as in the weights `w[l, j, k]` of all layers."""
    return bool(q.axes) and any(
        q.axes[0].index in bound.free_symbols
        for axis in q.axes[1:]
        for bound in (axis.lower, axis.upper)
    )


def example_values(
    system: System, sizes: Mapping[str, Any], seed: int = 0, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Values of all inputs, targets, parameters and constants. Raises SpecError, TooLarge.

    Given values win, then those of the system; the rest is drawn. A ragged quantity is a list.
    """
    forward = Forward(system, sizes)
    generator = np.random.default_rng(seed)
    known = {**system.values, **(given or {})}
    values: dict[str, Any] = {}
    for q in system.quantities:
        if q.name in system.equations_of:
            continue
        if ragged(q):
            axis = q.axes[0]
            shapes = {i: shape(q, forward, i) for i in forward.bounds(axis.lower, axis.upper, {})}
            _refuse_too_large(q.name, list(shapes.values()))
            drawn: Any = [drawn_values(q, s, generator) for s in shapes.values()]
            if q.name in known:
                drawn = [np.asarray(v, dtype=float) for v in known[q.name]]
        else:
            expected = shape(q, forward)
            _refuse_too_large(q.name, [expected])
            drawn = drawn_values(q, expected, generator)
            if q.name in known:
                drawn = np.asarray(known[q.name], dtype=float)
                if drawn.shape != expected:
                    raise SpecError(
                        f"the values of {printable(q.name)} have the shape {drawn.shape},"
                        f" not {expected}"
                    )
        values[q.name] = drawn
    return values


def _refuse_too_large(name: str, shapes: list[tuple[int, ...]]) -> None:
    count = 0
    for counts in shapes:
        product = 1
        for n in counts:
            product *= n
        count += product
    if count > LARGEST:
        raise TooLarge(
            f"{printable(name)} has {count:,} entries; numbers are drawn for at most {LARGEST:,}"
        )


def drawn_values(q: Quantity, counts: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Random numbers for one quantity, true to its facts."""
    facts = {fact.kind: fact.over for fact in q.facts}
    if "sums to 1" in facts:
        drawn = generator.uniform(0.1, 1.0, size=counts)
        letters = [axis.index.name for axis in q.axes]
        over = letters.index(facts["sums to 1"]) if facts["sums to 1"] in letters else -1
        return drawn / drawn.sum(axis=over - len(letters) if over >= 0 else -1, keepdims=True)
    if "in {-1,1}" in facts:
        return generator.choice([-1.0, 1.0], size=counts)
    if "in {0,1}" in facts:
        return generator.choice([0.0, 1.0], size=counts)
    if facts.keys() & {"in (0,1)", "in [0,1]"}:
        return generator.uniform(0.1, 0.9, size=counts)
    if facts.keys() & {"positive", ">0", "nonnegative", ">=0"} or q.role == "constant":
        return generator.uniform(0.3, 1.5, size=counts)
    if "in (-1,1)" in facts:
        return generator.uniform(-0.9, 0.9, size=counts)
    spread = 1.0
    if q.is_parameter and len(counts) > 1:
        spread = 1.0 / float(np.sqrt(counts[-1]))
    return generator.normal(0.0, spread, size=counts)
