"""Sizes put in, families of layers written out: `w[l, j, k]`, l = 1..3, becomes w1, w2, w3.

Arrays of a program are rectangular; the widths s[l] of a family differ from layer to layer. So every
axis of kind 'layer' is written out, and so is every sum over it. Time axes stay: they become loops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from symbackprop.calculus.letters import put
from symbackprop.errors import SpecError, TooLarge, UnsupportedForm, printable
from symbackprop.system.model import Axis, Equation, Quantity, System, entry

MOST_LAYERS = 10_000


def instantiate(
    system: System, sizes: Mapping[str, Any]
) -> tuple[System, dict[str, tuple[str, ...]]]:
    """The system with the given sizes as numbers and without layer axes; the families' new names.

    Sizes that are not given stay symbols. Raises SpecError where a depth or width is missing.
    """
    maker = _Maker(system, sizes)
    if not maker.changes:
        return system, {}
    quantities = [new for q in system.quantities for new in maker.quantities(q)]
    equations = [new for e in system.equations for new in maker.equations(e)]
    equations = in_order(equations, {name for name in maker.names.values()})
    made = replace(
        system,
        quantities=tuple(quantities),
        equations=tuple(equations),
        sizes=tuple(s for s in system.sizes if s.name not in sizes),
        values=maker.values(),
    )
    families = {
        name: tuple(maker.name(name, number) for number in maker.span(q.axes[0]))
        for name, q in maker.families.items()
    }
    return made, families


def in_order(equations: list[Equation], layers: set[str]) -> list[Equation]:
    """The same equations, those of a layer behind those of the layers that it reads."""
    of: dict[str, list[int]] = {}
    for i, e in enumerate(equations):
        of.setdefault(e.target, []).append(i)
    done: set[int] = set()
    order: list[Equation] = []
    for first in range(len(equations)):
        stack = [(first, False)]
        while stack:
            i, ready = stack.pop()
            if ready:
                order.append(equations[i])
                continue
            if i in done:
                continue
            done.add(i)
            stack.append((i, True))
            for name in sorted({str(a.base.label) for a in equations[i].rhs.atoms(sp.Indexed)}):
                if name in layers:
                    stack += [(k, False) for k in of.get(name, ()) if k not in done]
    return order


class _Maker:
    """One instantiation: names of the written-out quantities, sizes as numbers."""

    def __init__(self, system: System, sizes: Mapping[str, Any]) -> None:
        self.system = system
        self.sizes = dict(sizes)
        self.families = {
            q.name: q for q in system.quantities if q.axes and q.axes[0].kind == "layer"
        }
        for q in system.quantities:
            if any(a.kind == "layer" for a in q.axes[1:]):
                raise UnsupportedForm(
                    f"{printable(q.name)}: only the first axis may count layers in an array form"
                )
        self.changes = bool(self.families or sizes)
        self.taken = set(system.by_name)
        self.names: dict[tuple[str, int], str] = {}

    # --- numbers for sizes -------------------------------------------------------------------

    def bound(self, expression: sp.Expr, letters: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
        """A size or bound with letters and known sizes put in."""
        return self.sized(put(sp.sympify(expression), dict(letters)))

    def sized(self, expression: sp.Expr) -> sp.Expr:
        where: dict[sp.Expr, sp.Expr] = {}
        for atom in expression.atoms(sp.Symbol, sp.Indexed):
            if isinstance(atom, sp.Indexed):
                name = str(atom.base.label)
                if name in self.system.by_name:
                    continue
                index = self.sized(atom.indices[0])
                widths = self.sizes.get(name)
                if widths is None or not index.is_Integer or not 0 <= int(index) < len(widths):
                    raise SpecError(
                        f"the width {printable(str(atom))} has no value",
                        hint=f"give {name} one number for each layer, the input first",
                    )
                where[atom] = sp.Integer(int(widths[int(index)]))
            elif atom.name in self.sizes and atom.name not in self.system.by_name:
                value = self.sizes[atom.name]
                if isinstance(value, int):
                    where[atom] = sp.Integer(value)
        return put(expression, where)

    def span(self, axis: Axis) -> range:
        """The numbers of the layers. Raises SpecError without a depth, TooLarge."""
        lower, upper = self.bound(axis.lower, {}), self.bound(axis.upper, {})
        if not (lower.is_Integer and upper.is_Integer):
            raise SpecError(
                f"the number of layers, {printable(str(axis.upper))}, has no value",
                hint="code has a fixed depth: give the sizes",
            )
        if int(upper) - int(lower) > MOST_LAYERS:
            raise TooLarge(f"{int(upper):,} layers; at most {MOST_LAYERS:,} are written out")
        return range(int(lower), int(upper) + 1)

    # --- quantities, equations, expressions --------------------------------------------------

    def name(self, family: str, number: int) -> str:
        key = (family, number)
        if key not in self.names:
            new = f"{family}{number}"
            while new in self.taken:
                new += "_"
            self.taken.add(new)
            self.names[key] = new
        return self.names[key]

    def quantities(self, q: Quantity) -> Iterator[Quantity]:
        if q.name not in self.families:
            yield replace(q, axes=tuple(self._axis(a, {}) for a in q.axes))
            return
        first = q.axes[0]
        for number in self.span(first):
            letters = {first.index: sp.Integer(number)}
            axes = tuple(self._axis(a, letters) for a in q.axes[1:])
            yield replace(q, name=self.name(q.name, number), axes=axes, layer=sp.Integer(number))

    def _axis(self, axis: Axis, letters: Mapping[sp.Expr, sp.Expr]) -> Axis:
        lower, upper = self.bound(axis.lower, letters), self.bound(axis.upper, letters)
        # Two axes of one space have one size; a family's spaces are named after their size.
        return replace(axis, lower=lower, upper=upper, space="")

    def equations(self, e: Equation) -> Iterator[Equation]:
        if e.target not in self.families:
            yield self._equation(e, {}, e.target, e.indices)
            return
        place = e.indices[0]
        letter = next((r[0] for r in e.ranges if r[0] in place.free_symbols), None)
        if letter is None:
            number = int(self.sized(place))
            yield self._equation(e, {}, self.name(e.target, number), e.indices[1:])
            return
        lower, upper = next((r[1], r[2]) for r in e.ranges if r[0] == letter)
        shift = sp.expand(place - letter)
        for value in range(int(self.sized(lower)), int(self.sized(upper)) + 1):
            number = value + int(self.sized(shift))
            yield self._equation(
                e, {letter: sp.Integer(value)}, self.name(e.target, number), e.indices[1:]
            )

    def _equation(
        self,
        e: Equation,
        letters: Mapping[sp.Expr, sp.Expr],
        target: str,
        indices: tuple[sp.Expr, ...],
    ) -> Equation:
        ranges = tuple(
            (x, self.bound(lo, letters), self.bound(up, letters))
            for x, lo, up in e.ranges
            if x not in letters
        )
        return Equation(
            target,
            tuple(self.bound(i, letters) for i in indices),
            self.expression(put(e.rhs, dict(letters))),
            ranges,
            e.label,
        )

    def expression(self, expr: sp.Expr) -> sp.Expr:
        """Entries of families renamed, sums over layers written out, sizes put in."""
        if isinstance(expr, sp.Indexed):
            name = str(expr.base.label)
            if name in self.families:
                first = self.sized(expr.indices[0])
                if not first.is_Integer:
                    raise UnsupportedForm(f"the layer in {printable(str(expr))} is not a number")
                rest = tuple(self.sized(i) for i in expr.indices[1:])
                return entry(self.name(name, int(first)), *rest)
            if name in self.system.by_name:
                return entry(name, *(self.sized(i) for i in expr.indices))
            return self.sized(expr)
        if isinstance(expr, sp.Symbol):
            return self.sized(expr)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if not expr.args:
            return expr
        args = tuple(self.expression(a) for a in expr.args)
        return expr if args == expr.args else expr.func(*args)

    def _sum(self, expr: sp.Sum) -> sp.Expr:
        layers = self._layer_letters(expr.function)
        for position, (letter, lower, upper) in enumerate(expr.limits):
            if letter not in layers:
                continue
            inner, outer = expr.limits[:position], expr.limits[position + 1 :]
            body = sp.Sum(expr.function, *inner) if inner else expr.function
            low, high = int(self.sized(lower)), int(self.sized(upper))
            total = sp.Add(
                *(self.expression(put(body, {letter: sp.Integer(v)})) for v in range(low, high + 1))
            )
            return self.expression(sp.Sum(total, *outer)) if outer else total
        limits = [(x, self.sized(lo), self.sized(up)) for x, lo, up in expr.limits]
        return sp.Sum(self.expression(expr.function), *limits)

    def _layer_letters(self, expr: sp.Expr) -> set[Any]:
        """Letters that stand in the first place of a family, or in a width s[l]."""
        found: set[Any] = set()
        for atom in expr.atoms(sp.Indexed):
            name = str(atom.base.label)
            if name in self.families or name not in self.system.by_name:
                found |= atom.indices[0].free_symbols
        return found

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.system.values.items():
            if name in self.families:
                for number, part in zip(self.span(self.families[name].axes[0]), value, strict=True):
                    found[self.name(name, number)] = part
            else:
                found[name] = value
        return found
