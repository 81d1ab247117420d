"""Small sizes for the symbolic sizes of a system."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symbackprop.system.model import System

DISTINCT = (3, 2, 4, 5)
"""Widths for the first trial: all different, so that a transposed weight cannot hide."""


Names = tuple[list[str], list[str], list[str]]


def symbolic(system: System) -> Names:
    """Names of the plain sizes, of the depth-like sizes (bounds of layer and time axes), of indexed widths."""
    plain: dict[str, None] = {}
    deep: dict[str, None] = {}
    widths: dict[str, None] = {}
    for q in system.quantities:
        letters = {b.index for b in q.axes}
        for axis in q.axes:
            for bound in (axis.lower, axis.upper):
                # In order of names: which size gets which number must not change from run to run.
                indexed = bound.atoms(sp.Indexed)
                for a in sorted(indexed, key=str):
                    widths.setdefault(str(a.base.label))
                for s in sorted(bound.free_symbols - letters - indexed, key=str):
                    if isinstance(s, sp.Symbol):
                        (deep if axis.kind in ("layer", "time") else plain).setdefault(s.name)
    for s in system.sizes:
        plain.setdefault(s.name)
    return [p for p in plain if p not in widths and p not in deep], list(deep), list(widths)


def chosen(names: Names, depth: int, width: Sequence[int]) -> dict[str, int]:
    """Sizes for `symbolic` names: every depth-like size `depth`, the others in turn from `width`."""
    plain, deep, widths = names
    sizes = {name: width[k % len(width)] for k, name in enumerate(plain)}
    sizes.update(dict.fromkeys(deep, depth))
    for name in widths:
        sizes.update({f"{name}[{i}]": width[i % len(width)] for i in range(depth + 1)})
    return sizes


def trial_sizes(names: Names, depth: int = 2, single: bool = False) -> list[dict[str, int]]:
    """Small sizes to screen with: all different, then all equal; one empty choice for a concrete system.

    depth: the smaller one of the two depths. single: the last layer has one unit.
    """
    if not any(names):
        return [{}]
    trials = [chosen(names, depth + 1, DISTINCT), chosen(names, depth, (2,))]
    if single:
        for sizes, last in zip(trials, (depth + 1, depth), strict=True):
            sizes.update({f"{name}[{last}]": 1 for name in names[2]})
    return trials
