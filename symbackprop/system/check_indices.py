"""Names, indices and sizes inside the equations: everything used is declared and in range."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

import sympy as sp

from symbackprop.errors import UnknownName
from symbackprop.system.bounds import Range, is_width, nonnegative
from symbackprop.system.findings import Finding

if TYPE_CHECKING:
    from symbackprop.system.checks import Parts
    from symbackprop.system.model import Axis, Equation, Quantity


def index_findings(system: Parts) -> Iterator[Finding]:
    """Undefined names, unbound or captured letters, wrong numbers of indices, sizes that clash."""
    yield from _spaces(system)
    checker = _Checker(system)
    for e in system.equations:
        yield from checker.equation(e)
    yield from _twice_or_gap(system)


def sound_equations(system: Parts, unsound: Container[str]) -> Iterator[Finding]:
    """Each equation by itself, except those with a label in `unsound`."""
    checker = _Checker(system)
    for e in system.equations:
        if e.label not in unsound:
            yield from checker.equation(e)


def _spaces(system: Parts) -> Iterator[Finding]:
    sizes: dict[str, tuple[sp.Expr, str]] = {}
    for q in system.quantities:
        for axis in q.axes:
            if not axis.space:
                continue
            upper, first = sizes.setdefault(axis.space, (axis.upper, q.name))
            if upper != axis.upper:
                yield Finding(
                    f"'{first}' and '{q.name}' share an axis, but its size is {upper} in one and "
                    f"{axis.upper} in the other",
                    quantity=q.name,
                )


class _Checker:
    def __init__(self, system: Parts) -> None:
        self.quantities: dict[str, Quantity] = {q.name: q for q in system.quantities}
        self.sizes = set(system.sizes)

    def equation(self, e: Equation) -> Iterator[Finding]:
        q = self.quantities[e.target]
        if len(e.indices) != len(q.axes):
            yield Finding(
                f"'{q.name}' has {_axes(q)}, but its equation gives {_many(len(e.indices))}",
                equation=e,
                name=q.name,
            )
            return
        free = [r[0] for r in e.ranges]
        if len(set(free)) < len(free):
            yield Finding(f"the equation of '{q.name}' has a letter twice on the left", equation=e)
            return
        for letter in free:
            if not any(i.has(letter) for i in e.indices):
                yield Finding(
                    f"the letter {letter} has a range, but is no index of '{q.name}'", equation=e
                )
        yield from self._entry(q, e.indices, e.ranges, e)
        yield from self._walk(e.rhs, e.ranges, e)

    def _walk(self, node: sp.Basic, ranges: tuple[Range, ...], e: Equation) -> Iterator[Finding]:
        """Every entry, letter and name below `node`, with the ranges that hold there."""
        if node.is_Number or node.is_NumberSymbol or isinstance(node, sp.logic.boolalg.BooleanAtom):
            return
        if isinstance(node, sp.Indexed):
            if is_width(node):
                yield from self._letters(node.indices[0], ranges, e)
                return
            name = node.base.label.name
            q = self.quantities.get(name)
            if q is None:
                yield self._undefined(name, e)
                return
            yield from self._entry(q, tuple(node.indices), ranges, e)
        elif isinstance(node, sp.Symbol):
            yield from self._symbol(node, ranges, e)
        elif isinstance(node, sp.Sum | sp.Product):
            inner = ranges
            for limit in reversed(node.limits):  # SymPy writes the innermost first
                if len(limit) != 3:
                    yield Finding(f"a sum over {limit[0]} has no bounds", equation=e)
                    return
                letter, lower, upper = limit
                if any(letter == r[0] for r in inner):
                    yield Finding(
                        f"the letter {letter} is already taken where the sum over {letter} stands",
                        hint="give the sum another letter",
                        equation=e,
                        name=letter.name,
                    )
                    return
                for bound in (lower, upper):
                    yield from self._letters(bound, inner, e)
                inner = (*inner, (letter, lower, upper))
            yield from self._walk(node.function, inner, e)
        else:
            for child in node.args:
                yield from self._walk(child, ranges, e)

    def _symbol(
        self, symbol: sp.Symbol, ranges: tuple[Range, ...], e: Equation
    ) -> Iterator[Finding]:
        if any(symbol == r[0] for r in ranges) or symbol in self.sizes:
            return
        q = self.quantities.get(symbol.name)
        if symbol.is_integer:
            yield self._unbound(symbol, e)
        elif q is None:
            yield self._undefined(symbol.name, e)
        elif q.axes:
            yield Finding(
                f"'{q.name}' has {_axes(q)}, but stands without any",
                hint=f"write {q.name}[{','.join(a.index.name for a in q.axes)}]",
                equation=e,
                name=q.name,
            )

    def _entry(
        self,
        q: Quantity,
        indices: tuple[sp.Expr, ...],
        ranges: tuple[Range, ...],
        e: Equation,
    ) -> Iterator[Finding]:
        if len(indices) != len(q.axes):
            yield Finding(
                f"'{q.name}' has {_axes(q)}, but is used with {_many(len(indices))}",
                equation=e,
                name=q.name,
            )
            return
        chosen: dict[sp.Symbol, sp.Expr] = {}
        for axis, at in zip(q.axes, indices, strict=True):
            problems = list(self._letters(at, ranges, e))
            yield from problems
            if not problems:
                yield from self._in_range(q, axis, at, chosen, ranges, e)
            chosen[axis.index] = at

    def _letters(self, at: sp.Expr, ranges: tuple[Range, ...], e: Equation) -> Iterator[Finding]:
        for symbol in sorted(at.free_symbols, key=str):
            if not isinstance(symbol, sp.Symbol) or symbol in self.sizes:
                continue
            if any(symbol == r[0] for r in ranges):
                continue
            if symbol.is_positive and any(
                is_width(n) and n.base.label == symbol for n in at.atoms(sp.Indexed)
            ):
                continue
            yield self._unbound(symbol, e)

    def _in_range(
        self,
        q: Quantity,
        axis: Axis,
        at: sp.Expr,
        chosen: dict[sp.Symbol, sp.Expr],
        ranges: tuple[Range, ...],
        e: Equation,
    ) -> Iterator[Finding]:
        lower, upper = axis.lower, axis.upper
        if not upper.is_Integer and not upper.is_Symbol:
            upper = upper.subs(chosen, simultaneous=True)
        for letter, low, high in ranges:
            if at == letter and low == lower and high == upper:
                return
        if not nonnegative(at - lower, ranges):
            yield self._outside(q, axis, at, lower, upper, ranges, e, "below")
        elif not nonnegative(upper - at, ranges):
            yield self._outside(q, axis, at, lower, upper, ranges, e, "above")

    def _outside(
        self,
        q: Quantity,
        axis: Axis,
        at: sp.Expr,
        lower: sp.Expr,
        upper: sp.Expr,
        ranges: tuple[Range, ...],
        e: Equation,
        side: str,
    ) -> Finding:
        runs = [f"{x} = {lo}..{up}" for x, lo, up in ranges if at.has(x)]
        where = f" with {', '.join(runs)}" if runs else ""
        hint = ""
        if side == "below" and axis.kind in ("time", "layer"):
            hint = f"is a base case missing, for example {q.name}[{lower - 1}, ...] = ...?"
        return Finding(
            f"the sizes do not fit: '{q.name}' has the index {at}{where}, but its axis "
            f"{axis.index} runs from {lower} to {upper}",
            hint=hint,
            equation=e,
            name=q.name,
        )

    def _undefined(self, name: str, e: Equation) -> Finding:
        error = UnknownName("name", name, self.quantities)
        return Finding(error.message, error.hint, e, name=name)

    def _unbound(self, symbol: sp.Symbol, e: Equation) -> Finding:
        return Finding(
            f"the index {symbol} has no range: it is neither an index of '{e.target}' nor summed",
            hint=f"sum over it: sum({symbol}, ...), or write it on the left side",
            equation=e,
            name=symbol.name,
        )


def _twice_or_gap(system: Parts) -> Iterator[Finding]:
    """Each entry is defined by one equation, and only by one."""
    quantities = {q.name: q for q in system.quantities}
    groups: dict[str, list[Equation]] = {}
    for e in system.equations:
        groups.setdefault(e.target, []).append(e)
    for name, equations in groups.items():
        boxes = [_box(e) for e in equations]
        for i, first in enumerate(boxes):
            for j in range(i):
                if not any(_apart(a, b) for a, b in zip(first, boxes[j], strict=True)):
                    yield Finding(
                        f"'{name}' is defined twice",
                        hint="two equations give the same entries a value",
                        equation=equations[i],
                        name=name,
                    )
        yield from _gaps(quantities[name], equations, boxes)


def _box(e: Equation) -> list[tuple[sp.Expr, sp.Expr]]:
    """For each index of the left side, the first and the last value it takes."""
    box = []
    for at in e.indices:
        low = high = at
        for letter, lower, upper in reversed(e.ranges):
            low, high = low.subs(letter, lower), high.subs(letter, upper)
        box.append((low, high))
    return box


def _apart(a: tuple[sp.Expr, sp.Expr], b: tuple[sp.Expr, sp.Expr]) -> bool:
    return nonnegative(a[0] - b[1] - 1) or nonnegative(b[0] - a[1] - 1)


def _gaps(
    q: Quantity, equations: list[Equation], boxes: list[list[tuple[sp.Expr, sp.Expr]]]
) -> Iterator[Finding]:
    """Along each axis the equations together reach from its first to its last value."""
    for at, axis in enumerate(q.axes):
        if axis.upper.has(sp.Indexed) or axis.lower.has(sp.Indexed):
            continue
        starts = [box[at][0] for box in boxes]
        ends = [box[at][1] for box in boxes]
        for value, have, words in ((axis.lower, starts, "first"), (axis.upper, ends, "last")):
            if value not in have and not any(
                nonnegative(value - s) and nonnegative(e - value)
                for s, e in zip(starts, ends, strict=True)
            ):
                yield Finding(
                    f"'{q.name}' has no equation for its {words} entries, {axis.index} = {value}",
                    hint="is a base case missing?",
                    equation=equations[0],
                    name=q.name,
                )
        several = {(str(s), str(e)) for s, e in zip(starts, ends, strict=True)}
        if len(several) > 1:
            for start in starts:
                if start == axis.lower:
                    continue
                if not any(nonnegative(end - start + 1) for end in ends if end is not None):
                    yield Finding(
                        f"'{q.name}' has no equation for {axis.index} = {start - 1}",
                        equation=equations[0],
                        name=q.name,
                    )


def _axes(q: Quantity) -> str:
    if not q.axes:
        return "no index"
    return f"{_many(len(q.axes))} ({','.join(a.index.name for a in q.axes)})"


def _many(n: int) -> str:
    return {0: "none", 1: "1 index"}.get(n, f"{n} indices")
