"""The neuron view: every axis instantiated, a node for each entry, a formula for each derivative.

    ("z2", (1,)):  W2[1,1]*a1[1] + W2[1,2]*a1[2] + b2[1]
    d.W2[1,1]    =  d.z2[1] * a1[1]

The formulas are those of the index view with numbers for letters, so the work grows with the
number of edges and not with the number of paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import sympy as sp

from symbackprop.calculus.adjoint import AdjointSystem, Range
from symbackprop.calculus.forms import textbook_gradients
from symbackprop.calculus.instantiate import Compiler, Key, Letters, Maker, Sizes
from symbackprop.calculus.letters import letters as letters_in
from symbackprop.calculus.sweep import ranges_of, ranges_of_equation
from symbackprop.calculus.written import Writer
from symbackprop.errors import TooLarge
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula
from symbackprop.system.model import Quantity, System

LIMIT = 2_000_000
"""The largest number of entries and products that are written out."""


@dataclass(frozen=True, slots=True)
class Node:
    """One entry: its equation's right side (None for a given number) and its neighbours."""

    key: Key
    equation: Formula | None
    predecessors: tuple[Key, ...]
    successors: tuple[Key, ...]

    @property
    def ref(self) -> t.Ref:
        return t.ref(self.key[0], *self.key[1])


@dataclass(frozen=True)
class NeuronSystem:
    """A System at fixed sizes. `nodes` stand in an order in which they can be computed."""

    system: System
    sizes: Mapping[str, Any]
    nodes: Mapping[Key, Node]
    adjoints: AdjointSystem
    _compiler: Compiler = field(repr=False)

    def keys(self, name: str) -> list[Key]:
        """The entries of one quantity, the last index fastest."""
        quantity = self.system[name]
        values = _places(ranges_of(quantity), self._compiler.sizes)
        letters = [x.name for x in quantity.indices]
        return [(name, tuple(place[x] for x in letters)) for place in values]

    @cached_property
    def parameters(self) -> tuple[Key, ...]:
        """The entries of all parameters, in the order of the quantities."""
        return tuple(key for q in self.system.parameters for key in self.keys(q.name))

    def gradient(self, key: Key) -> Formula:
        """dJ/d entry in delta form: errors (`d.z2[1]`), weights and activations.

        The textbook form of the reverse sweep (`forms`), with all sums written out.
        """
        for guard, maker in self._makers[key[0]]:
            indices = self.adjoints.of(key[0]).indices
            letters = {x.name: i for x, i in zip(indices, key[1], strict=True)}
            if _inside(guard, letters, self._compiler.sizes):
                return maker(letters, [])
        raise KeyError(key)

    def gradients(self) -> dict[Key, Formula]:
        """The delta-form gradient of every entry of every parameter."""
        return {key: self.gradient(key) for key in self.parameters}

    @cached_property
    def errors(self) -> tuple[Key, ...]:
        """The entries whose adjoints the gradients name, in a computable order."""
        defined = [
            key
            for key in reversed(list(self.nodes))
            if self.nodes[key].equation is not None and key[0] != self.system.cost
        ]
        found: list[Key] = []
        for _, run in groupby(defined, key=itemgetter(0)):
            alike = list(run)
            own = set(alike)
            # Neurons of one layer do not use one another: then they stand in reading order.
            if all(own.isdisjoint(self.nodes[key].predecessors) for key in alike):
                alike.reverse()
            found += alike
        return tuple(found)

    @cached_property
    def _makers(self) -> dict[str, list[tuple[tuple[Range, ...], Maker]]]:
        write = Writer(self.system)
        return {
            a.quantity.name: [
                (_narrow(guard, a.quantity), self._compiler.make(write(expr)))
                for guard, expr in a.cases
            ]
            for a in self.adjoints.adjoints
        }


def scalarize(
    system: System,
    sizes: Mapping[str, Any] | None = None,
    adjoints: AdjointSystem | None = None,
) -> NeuronSystem:
    """Instantiate all axes. `sizes` gives numbers to symbolic sizes, by name (a sequence for s[l]).

    Raises TooLarge before anything is allocated, SpecError for a size without a number.
    """
    numbers = Sizes(sizes or {})
    _refuse_absurd(system, numbers)
    compiler = Compiler(numbers)
    write = Writer(system)
    formulas: dict[Key, Formula | None] = {}
    before: dict[Key, tuple[Key, ...]] = {}
    for equation in system.equations:
        maker = compiler.make(write(equation.rhs))
        for letters in _places(ranges_of_equation(system, equation), numbers):
            key = (equation.target, tuple(numbers(i, letters) for i in equation.indices))
            seen: list[Key] = []
            formulas[key] = maker(letters, seen)
            before[key] = tuple(dict.fromkeys(seen))
    after: dict[Key, list[Key]] = {}
    for key, sources in before.items():
        for source in sources:
            after.setdefault(source, []).append(key)
    nodes = {
        key: Node(key, formulas.get(key), before.get(key, ()), tuple(after.get(key, ())))
        for key in _ordered(system, numbers, before)
    }
    swept = textbook_gradients(system) if adjoints is None else adjoints
    return NeuronSystem(system, dict(numbers.given), nodes, swept, compiler)


def _ordered(system: System, sizes: Sizes, before: Mapping[Key, tuple[Key, ...]]) -> list[Key]:
    """Given numbers first, then every entry after those that its equation uses (iterative)."""
    order: dict[Key, None] = {}
    for quantity in system.quantities:
        names = [x.name for x in quantity.indices]
        for letters in _places(ranges_of(quantity), sizes):
            key = (quantity.name, tuple(letters[n] for n in names))
            if key not in before:
                order[key] = None
    for start in before:
        stack = [(start, iter(before[start]))]
        while stack:
            key, rest = stack[-1]
            following = next((s for s in rest if s not in order), None)
            if following is None:
                order[key] = None
                stack.pop()
            else:
                stack.append((following, iter(before.get(following, ()))))
    return list(order)


def _places(ranges: tuple[Range, ...], sizes: Sizes) -> Iterator[Letters]:
    """All values of the letters, the last fastest; a bound may depend on earlier letters."""
    if not ranges:
        yield {}
        return
    stack: list[Letters] = [{}]
    for letter, lower, upper in ranges:
        stack = [
            {**letters, letter.name: i}
            for letters in stack
            for i in range(sizes(lower, letters), sizes(upper, letters) + 1)
        ]
    yield from stack


def _inside(guard: tuple[Range, ...], letters: Letters, sizes: Sizes) -> bool:
    return all(
        sizes(lower, letters) <= letters[x.name] <= sizes(upper, letters)
        for x, lower, upper in guard
    )


def _narrow(guard: tuple[Range, ...], quantity: Quantity) -> tuple[Range, ...]:
    """Only the ranges that are narrower than the quantity's own."""
    full = ranges_of(quantity)
    return tuple(r for r, whole in zip(guard, full, strict=True) if r != whole)


def _refuse_absurd(system: System, sizes: Sizes) -> None:
    """Count entries and written-out terms from the sizes alone."""
    for name, value in sizes.given.items():
        if isinstance(value, int) and value > LIMIT:
            raise TooLarge(
                f"the neuron view cannot write out {name} = {value:,} of anything",
                hint=f"at most {LIMIT:,} in all; use the index or the matrix view for such sizes",
            )
    entries = sum(_count(ranges_of(q), sizes, 1) for q in system.quantities)
    terms = sum(
        _count(ranges_of_equation(system, e), sizes, _terms(e.rhs, sizes)) for e in system.equations
    )
    if entries + terms > LIMIT:
        raise TooLarge(
            f"the neuron view would write out {entries:,} entries and {terms:,} products",
            hint=f"at most {LIMIT:,} in all; use the index or the matrix view for such sizes",
        )


def _terms(expr: sp.Basic, sizes: Sizes) -> int:
    """About how many products an expression has when its sums are written out."""
    if isinstance(expr, sp.Sum):
        each = max(1, _terms(expr.function, sizes))
        for letter, lower, upper in reversed(expr.limits):
            if any(s.name not in sizes.given for s in letters_in(upper) | letters_in(lower)):
                each *= _largest(sizes)  # a bound that depends on an outer letter, such as s[l]
            else:
                each = _count(((letter, lower, upper),), sizes, each)
        return each
    if isinstance(expr, sp.Indexed) or not expr.args:
        return 1
    return sum(_terms(arg, sizes) for arg in expr.args)


def _largest(sizes: Sizes) -> int:
    flat: list[int] = [1]
    for value in sizes.given.values():
        many = [value] if isinstance(value, int) else value
        flat += [int(v) for v in (many.values() if isinstance(many, Mapping) else many)]
    return max(flat)


def _count(ranges: tuple[Range, ...], sizes: Sizes, each: int) -> int:
    """How many places the ranges have, times `each`; ranges that depend on others one by one."""
    if not ranges:
        return each
    letters = {r[0].name for r in ranges}
    if not any(_depends(r, letters) for r in ranges):
        for _, lower, upper in ranges:
            each *= max(0, sizes(upper, {}) - sizes(lower, {}) + 1)
        return each
    (letter, lower, upper), *rest = ranges
    low, high = sizes(lower, {}), sizes(upper, {})
    if high - low > LIMIT:
        return (high - low + 1) * each
    total = 0
    for i in range(low, high + 1):
        here = {letter: sp.Integer(i)}
        total += _count(
            tuple((x, lo.xreplace(here), up.xreplace(here)) for x, lo, up in rest), sizes, each
        )
    return total


def _depends(range_: Range, letters: set[str]) -> bool:
    return any(s.name in letters for bound in range_[1:] for s in bound.free_symbols)
