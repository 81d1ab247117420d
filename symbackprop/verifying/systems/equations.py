"""Equations with their ranges, sums with their bounds, and the values that recursions start from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import Formula, Num, Prod, Sum
from symbackprop.judging.clock import WORK
from symbackprop.system.model import Axis, Equation, Quantity, entry, index
from symbackprop.verifying.names.affine import affine_constant, affine_of
from symbackprop.verifying.systems.axes import limits_of
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import from_sympy, names_in, refs_in
from symbackprop.verifying.systems.sympyform import ToSympy

MOST_KEPT = 2048
PRICE = 400
"""The work that one equation is."""

_known: dict[tuple[object, ...], Equation] = {}


def equation_of(
    builder: Builder,
    d: Definition,
    quantities: Mapping[str, Quantity],
    sympy: ToSympy,
    recursive: frozenset[str],
    begun: frozenset[tuple[str, int]] = frozenset(),
) -> Equation:
    """The equation of a definition; a document has the same one in the systems of many statements.

    Raises ReadingError for what SymPy cannot say.
    """
    key = (
        d.target,
        d.indices,
        d.rhs,
        d.label,
        d.target in recursive,
        tuple((d.target, k) in begun for k in range(len(d.indices))),
        d.target in builder.own_last,
        builder.size_names,
        *sympy.settings,
        *(quantities.get(n) for n in (d.target, *names_in(d.rhs))),
    )
    found = _known.get(key)
    if found is None:
        WORK.done += PRICE
        if len(_known) >= MOST_KEPT:
            _known.clear()
        found = _known[key] = _equation(builder, d, quantities, sympy, recursive, begun)
    return found


def _equation(
    builder: Builder,
    d: Definition,
    quantities: Mapping[str, Quantity],
    sympy: ToSympy,
    recursive: frozenset[str],
    begun: frozenset[tuple[str, int]],
) -> Equation:
    q = quantities[d.target]
    rhs = fill_sums(builder, d.rhs, quantities)
    ranges = []
    for k, (i, axis) in enumerate(zip(d.indices, q.axes, strict=True)):
        letter, _ = affine_of(i)
        if letter is None or letter in builder.size_names:
            continue
        lower: sp.Expr = axis.lower
        if (d.target, k) in begun or (axis.kind in ("layer", "time") and d.target in recursive):
            lower = axis.lower + 1
        upper = axis.upper
        swap = {a.index: sympy(k) for a, k in zip(q.axes, d.indices, strict=True)}
        upper = upper.subs(swap, simultaneous=True) if swap else upper
        if d.target in builder.own_last and i == d.indices[0]:
            upper -= 1  # the last layer has an equation of its own
        ranges.append((index(letter), lower, upper))
    return Equation(
        d.target, tuple(sympy(i) for i in d.indices), sympy(rhs), tuple(ranges), d.label
    )


def begun_by_numbers(
    definitions: Iterable[Definition], quantities: Mapping[str, Quantity]
) -> frozenset[tuple[str, int]]:
    """Where the first entry has a definition of its own, `z_0 = 1` beside `z_j = tanh(a_j)`: target, place."""
    found: set[tuple[str, int]] = set()
    for d in definitions:
        fixed = [k for k, i in enumerate(d.indices) if affine_of(i)[0] is None]
        if len(fixed) == 1 and d.target in quantities:
            k = fixed[0]
            axis = quantities[d.target].axes[k]
            if axis.kind not in ("layer", "time") and axis.lower == affine_of(d.indices[k])[1]:
                found.add((d.target, k))
    return frozenset(found)


def fill_sums(builder: Builder, f: Formula, quantities: Mapping[str, Quantity]) -> Formula:
    """Sums without bounds get those of the axis on which their letter stands."""

    def change(node: Formula) -> Formula | None:
        if not isinstance(node, Sum | Prod) or (node.lower is not None and node.upper is not None):
            return None
        body = fill_sums(builder, node.body, quantities)
        bounds = bounds_of(builder, node.index.name, body, quantities)
        if bounds is None:
            raise ReadingError(f"nothing tells what the sum over {node.index.name} runs over")
        low, high = bounds
        return type(node)(body, node.index, node.lower or low, node.upper or high)

    return f.rewrite(change)


def bounds_of(
    builder: Builder, letter: str, body: Formula, quantities: Mapping[str, Quantity]
) -> tuple[Formula, Formula] | None:
    """Where everything below the sum exists: `Σ_t |h_t - y_t|²` from 1, where h_0 is and y_0 is not."""
    found: tuple[Formula, Formula] | None = None
    for ref in refs_in(body):
        q = quantities.get(ref.name)
        if q is None:
            continue
        for k, i in enumerate(ref.indices):
            name, shift = affine_of(i)
            if name == letter and k < len(q.axes):
                axis = q.axes[k]
                swap = {a.index.name: x for a, x in zip(q.axes, ref.indices, strict=False)}
                low = from_sympy(axis.lower - shift, swap)
                high = from_sympy(axis.upper - shift, swap)
                if low is not None and high is not None:
                    found = (low, high) if found is None else _within(found, (low, high))
    return found


def _within(
    one: tuple[Formula, Formula], other: tuple[Formula, Formula]
) -> tuple[Formula, Formula]:
    """The range of both, where their ends differ by numbers; else the first."""
    (low, high), (low2, high2) = one, other
    return low2 if _gap(low, low2) > 0 else low, high2 if _gap(high, high2) < 0 else high


def _gap(one: Formula, other: Formula) -> int:
    """How much larger the other is; 0 where that is no number."""
    (letter, at), (same, then) = affine_of(one), affine_of(other)
    if letter != same or (
        letter is None and None in (affine_constant(one), affine_constant(other))
    ):
        return 0
    return then - at


def has_base(builder: Builder, name: str, found: list[Definition]) -> bool:
    first, _ = limits_of(builder, name)
    return any(d.target == name and d.indices and d.indices[0] == Num(str(first)) for d in found)


def base_case(builder: Builder, name: str, q: Quantity) -> tuple[Equation, Quantity]:
    """The value that a recursion starts from: a free input of its own."""
    first, _ = limits_of(builder, name)
    at = sp.Integer(first)
    rest = tuple(
        Axis(a.index, a.upper.subs(q.axes[0].index, at), a.lower, a.kind) for a in q.axes[1:]
    )
    free = Quantity(f"{name}_start", "input", rest, meaning=f"{name} at {first}")
    letters = tuple(a.index for a in rest)
    ranges = tuple((a.index, a.lower, a.upper) for a in rest)
    return Equation(name, (at, *letters), entry(free.name, *letters), ranges), free
