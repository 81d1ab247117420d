"""Quantities and their axes: where layers and times begin and end, how long each axis is."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from symbackprop.system.model import Axis, Quantity, index, size
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.systems.builder import LETTERS, Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import refs_in
from symbackprop.verifying.systems.shapes import Slide


def recursions_of(builder: Builder, found: list[Definition]) -> frozenset[str]:
    """Names that an equation reads at a shifted first index: they need a value to start from."""
    return (
        frozenset(
            ref.name
            for d in found
            for ref in refs_in(d.rhs)
            if ref.indices
            and d.indices
            and affine_of(ref.indices[0])[1] < 0
            and affine_of(ref.indices[0])[0] is not None
            and affine_of(ref.indices[0])[0] == affine_of(d.indices[0])[0]
        )
        & (builder.by_layer | builder.by_time)
        & {d.target for d in found}
    ) - builder.carried


def carried_along(builder: Builder, found: list[Definition]) -> frozenset[str]:
    """The z and a of `h_{l+1} = h_l + V_l a_l`, `z_l = W_l h_l`, `a_l = σ(z_l)`: h_0 makes z_0 and a_0.

    They need no values to start from, as the a of `z_l = W_l a_{l-1}`, `a_l = σ(z_l)` does.
    """
    layered = [d for d in found if d.target in builder.by_layer and d.indices]
    made = {d.target for d in layered}
    reads = {
        name: {
            (r.name, affine_of(r.indices[0])[1])
            for d in layered if d.target == name and affine_of(d.indices[0])[0] is not None
            for r in refs_in(d.rhs) if r.name in made and r.indices
        }
        for name in made
    }  # fmt: skip
    known = {name for name, all_ in reads.items() if (name, -1) in all_}
    carried: set[str] = set()
    while more := {
        name for name, all_ in reads.items()
        if name not in known and all_ and all(r in known and at == 0 for r, at in all_)
    }:  # fmt: skip
        known |= more
        carried |= more
    passed = {r for all_ in reads.values() for r, at in all_ if at < 0}
    return frozenset(carried) if carried & passed else frozenset()


def limits_of(builder: Builder, name: str) -> tuple[int, str]:
    return (builder.first, builder.last) if name in builder.by_layer else (0, builder.last_time)


def quantity_of(
    builder: Builder, name: str, defined: bool, found: list[Definition], recursive: frozenset[str]
) -> Quantity:
    axes: list[Axis] = []
    arity = builder.arity.get(name, 0)
    letter = "l" if name in builder.by_layer else "t"
    for k in range(arity):
        node = (name, k)
        if k == 0 and name in builder.by_layer | builder.by_time:
            first, last = limits_of(builder, name)
            low, high = reach_of(builder, name, found, recursive, first)
            fixed = builder.fixed_sizes.get(last)
            upper = size(last) if fixed is None or name in builder.by_layer else sp.Integer(fixed)
            upper += high + (first if name in builder.by_layer else 0)
            kind = "layer" if name in builder.by_layer else "time"
            axes.append(Axis(index(letter), upper, sp.Integer(low), kind))
            continue
        own = index("l") if name in builder.by_layer else None
        own_letter = index(LETTERS[k])
        if name in builder.row_vectors and k == arity - 2:
            axes.append(Axis(own_letter, sp.Integer(1)))
            continue
        upper = upper_of(builder, node, own)
        axes.append(Axis(own_letter, upper, lower_of(builder, node, own), "unit"))
    role = "intermediate" if defined else "parameter"
    meaning = builder.names.get(name, name)
    return Quantity(name, role, tuple(axes), None, builder.facts.get(name, frozenset()), meaning)


def upper_of(builder: Builder, node: tuple[str, int], own: sp.Expr | None) -> sp.Expr:
    found = builder.sizes.upper(node, own)
    if found == 0:
        root, _ = builder.sizes.find(node)
        slide = builder.sizes.slide_of(node)
        if slide is not None:  # x_{i+k} ends where both letters do, x_{i-k} where k begins
            return _end(builder, slide, own, last=True)
        least = builder.sizes.least.get(root, 0)
        if least and not builder.sizes.has_letter(node):
            return sp.Integer(least)
        name = f"n_{root[0]}{root[1] if root[1] else ''}"
        builder.made.add(name)
        return size(name)
    if found.is_Symbol and found.name in builder.fixed_sizes:
        return sp.Integer(builder.fixed_sizes[found.name])
    return found


def lower_of(builder: Builder, node: tuple[str, int], own: sp.Expr | None) -> sp.Expr:
    slide = builder.sizes.slide_of(node)
    if slide is not None and builder.sizes.find(node)[0] not in builder.sizes.named:
        return _end(builder, slide, own, last=False)
    return builder.sizes.lower(node)


def _end(builder: Builder, slide: Slide, own: sp.Expr | None, last: bool) -> sp.Expr:
    """The last or the first place that is read at a sum of letters."""
    parts, shift = slide
    return sp.Add(
        shift,
        *(
            times * (upper_of if (times > 0) == last else lower_of)(builder, n, own)
            for n, times in parts
        ),
    )


def reach_of(
    builder: Builder, name: str, found: list[Definition], recursive: frozenset[str], first: int
) -> tuple[int, int]:
    """Lowest value of the first axis, and how far its top is from the last layer."""
    if name in recursive or name in builder.carried:
        return first, 0
    if any(d.target == name for d in found):
        return first + 1, 0
    if name in builder.peers:
        other, gap = builder.peers[name]
        low, high = reach_of(builder, other, found, recursive, first)
        return max(low - gap, first), min(high - gap, 0)
    shifts = shifts_of(name, found) or shifts_of(name, builder.beside)
    if shifts and all(s == -1 for s in shifts):
        return first, -1
    if any(0 in shifts_of(name, [d]) for d in found if d.target in builder.carried):
        return first, 0
    return first + 1, 0


def shifts_of(name: str, definitions: Iterable[Definition]) -> list[int]:
    """How far below the layer that an equation defines it reads a name."""
    return [
        affine_of(r.indices[0])[1] - affine_of(d.indices[0])[1]
        for d in definitions
        for r in refs_in(d.rhs)
        if r.name == name and r.indices and d.indices
        and affine_of(r.indices[0])[0] == affine_of(d.indices[0])[0] is not None
    ]  # fmt: skip
