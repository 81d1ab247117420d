"""A System at concrete sizes: its graph of entries, and the cut-point derivative on that graph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from symbackprop.judging.arena import Arena, Key, Node
from symbackprop.judging.clock import Clock
from symbackprop.judging.derivatives import Derivatives
from symbackprop.judging.ladder import DEEP, Ladder, functional
from symbackprop.judging.lowering import Lowering
from symbackprop.judging.marks import Marks
from symbackprop.judging.one_step import OneStep
from symbackprop.judging.problems import IllFormed, NotUnderstood, OutOfRange
from symbackprop.judging.tangent import local_gradient
from symbackprop.system.model import Equation, Fact, Quantity, System

MOST_NODES = 400_000
"""More entries than this are not instantiated: no neuron view of such a network can be judged."""


def few(count: int) -> None:
    """Raises NotUnderstood if so many entries are too many."""
    if count > MOST_NODES:
        raise NotUnderstood("too many entries to judge one by one")


@lru_cache(maxsize=4096)
def _positions(bound: sp.Expr, letters: tuple[sp.Symbol, ...]) -> frozenset[int]:
    """Positions of the letters that stand in a bound."""
    inside = {s for s in bound.free_symbols if s.is_Symbol}
    return frozenset(k for k, letter in enumerate(letters) if letter in inside)


@lru_cache(maxsize=4096)
def _entries(rhs: sp.Expr) -> tuple[tuple[str, tuple[sp.Expr, ...]], ...]:
    """The entries in the right side of an equation, with their indices."""
    return tuple((str(a.base.label), a.indices) for a in rhs.atoms(sp.Indexed))


class Instance:
    """All entries of a system at given sizes.

    `definition[v]` is what the entry v is defined as; an entry without one is free (an input, a
    parameter, a target). `sizes` maps each symbolic size to a number ('m', 's[1]'). With `kind` the
    instance is marked (see `marks`): 'proving' or 'counting'; with `ladder`, which a marked instance of a
    system of any depth needs, its derivatives are atoms (see `one_step`).
    """

    def __init__(
        self,
        system: System,
        sizes: Mapping[str, int] | None = None,
        kind: str = "",
        ladder: Ladder | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.system = system
        self.sizes = dict(sizes or {})
        self.arena = Arena(clock)
        self.clock = self.arena.clock
        self.definition: dict[Node, Node] = {}
        self._exists: dict[Key, Node] = {}
        deep = frozenset((ladder.size,)) if ladder else frozenset()
        self.marks = Marks(self.arena, self.sizes, deep, kind == "counting") if kind else None
        self._lowering = Lowering(self.arena, self.sizes, self.entry, self.apply, self.marks)
        self._ranges: dict[str, list[tuple[int, ...]]] = {}
        self._needed: dict[tuple[str, int], frozenset[int]] = {}
        self._bounds: dict[tuple[str, int, tuple[int, ...]], tuple[int, int]] = {}
        self._part: set[tuple[str, int, tuple[int, ...]]] = set()
        self._keys: dict[tuple[str, int, tuple[int, ...]], str] = {}
        self._functions: dict[tuple[str, int], tuple[Node, Node]] = {}
        self._applied: dict[tuple[str, int, Node], Node] = {}
        self.equation: dict[Node, Equation] = {}
        self._functional: dict[int, bool] = {}
        self.derivatives = OneStep(self, ladder) if ladder else Derivatives(self)
        self._build()

    # --- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        defined = {e.target for e in self.system.equations}
        count = 0
        for q in self.system.quantities:
            if q.name not in defined:
                for indices in self.domain(q):
                    self._exists[(q.name, indices)] = self.arena.var(q.name, indices)
                    count += 1
                    few(count)
        pending: list[tuple[Equation, dict[str, int], Node]] = []
        for e in self.system.equations:
            for env in self._guarded(e):
                indices = tuple(self._lowering.integer(i, env) for i in e.indices)
                node = self.arena.var(e.target, indices)
                self._exists[(e.target, indices)] = node
                self.equation[node] = e
                pending.append((e, env, node))
                few(len(pending))
        if self.marks is not None:
            self._refuse_fixed_indices()
        for e, env, node in pending:
            self.definition[node] = self._lowering.node(e.rhs, env)

    def _refuse_fixed_indices(self) -> None:
        """An equation that singles out an index of an open axis allows no conclusion to all sizes."""
        assert self.marks is not None
        for e in self.system.equations:
            uses = [(e.target, e.indices)]
            uses += _entries(e.rhs)
            for name, indices in uses:
                q = self.system.by_name.get(name)
                for axis, i in zip(q.axes if q else (), indices, strict=False):
                    if axis.upper.is_Integer or (axis.kind in DEEP and self.marks.deep):
                        continue
                    if not i.is_Symbol or i.name in self.sizes:
                        self.marks.refuse("an equation for a single index")

    def _guarded(self, e: Equation) -> list[dict[str, int]]:
        """The values of the free letters of an equation."""
        if e.ranges:
            limits = [(s.name, lo, hi) for s, lo, hi in e.ranges]
        else:
            axes = self.system[e.target].axes
            limits = [
                (
                    i.name,
                    a.lower,
                    a.upper.subs({b.index: j for b, j in zip(axes, e.indices, strict=True)}),
                )
                for a, i in zip(axes, e.indices, strict=True)
                if i.is_Symbol and i.name not in self.sizes
            ]
        envs: list[dict[str, int]] = [{}]
        for name, lower, upper in limits:
            longer: list[dict[str, int]] = []
            for env in envs:
                low, high = (self._lowering.integer(b, env) for b in (lower, upper))
                few(len(longer) + high - low)
                longer.extend({**env, name: i} for i in range(low, high + 1))
            envs = longer
        return envs

    def domain(self, q: Quantity) -> list[tuple[int, ...]]:
        """All index tuples of a quantity, from its axes."""
        found = self._ranges.get(q.name)
        if found is None:
            found = [()]
            for k in range(len(q.axes)):
                longer: list[tuple[int, ...]] = []
                if found and not self.needed(q, k):  # as long for all that stands before it
                    lower, upper = self.bounds(q, k, found[0])
                    few(len(found) * (upper - lower + 1))
                    found = [(*head, i) for head in found for i in range(lower, upper + 1)]
                    continue
                for head in found:
                    lower, upper = self.bounds(q, k, head)
                    few(len(longer) + upper - lower)
                    longer.extend((*head, i) for i in range(lower, upper + 1))
                found = longer
            self._ranges[q.name] = found
        return found

    def needed(self, q: Quantity, axis: int) -> frozenset[int]:
        """Positions of the earlier axes on whose letters the upper bound of an axis depends."""
        key = (q.name, axis)
        found = self._needed.get(key)
        if found is None:
            upper = q.axes[axis].upper
            found = _positions(upper, q.indices) if upper.free_symbols else frozenset()
            self._needed[key] = found
        return found

    def bounds(self, q: Quantity, axis: int, head: tuple[int, ...]) -> tuple[int, int]:
        """The range of an axis, the earlier indices being `head`."""
        key = (q.name, axis, tuple(head[k] for k in self.needed(q, axis)))
        found = self._bounds.get(key)
        if found is None:
            found = self._bounds_of(q, axis, head)
            self._bounds[key] = found
        return found

    def _bounds_of(self, q: Quantity, axis: int, head: tuple[int, ...]) -> tuple[int, int]:
        env = {a.index.name: i for a, i in zip(q.axes, head, strict=False)}
        one = q.axes[axis]
        return self._lowering.integer(one.lower, env), self._lowering.integer(one.upper, env)

    def size_node(self, name: str) -> Node:
        """A symbolic size as a value."""
        return self._lowering.size(name)

    def axis_key(self, q: Quantity, axis: int, head: tuple[int, ...]) -> str:
        """The size of an axis by name, if the instance is marked and the size is not fixed; else empty."""
        if self.marks is None:
            return ""
        known = (q.name, axis, tuple(head[k] for k in self.needed(q, axis)))
        found = self._keys.get(known)
        if found is None:
            one = q.axes[axis]
            if one.kind in DEEP and self.marks.deep:
                (found,) = self.marks.deep
                self._keys[known] = found
                return found
            env = {a.index.name: i for a, i in zip(q.axes, head, strict=False)}
            before = self.marks.refused
            self.marks.refused = ""
            found = self.marks.key(self._lowering, one.lower, one.upper, env)
            if self.marks.refused:
                self._part.add(known)
            self.marks.refused = before
            self._keys[known] = found
        if known in self._part:
            self.marks.refuse("an axis that is part of another")
        return found

    # --- entries and functions ------------------------------------------------------------------

    def entry(self, name: str, indices: tuple[int, ...]) -> Node:
        """The var of an entry. Raises IllFormed, OutOfRange."""
        found = self._exists.get((name, indices))
        if found is not None:
            return found
        q = self.system.by_name.get(name)
        if q is None:
            raise IllFormed(f"'{name}' is not declared")
        if len(q.axes) != len(indices):
            raise IllFormed(f"{name} has {len(q.axes)} indices, not {len(indices)}")
        raise OutOfRange(f"{name}[{','.join(map(str, indices))}] does not exist")

    def apply(self, name: str, order: int, argument: Node) -> Node:
        """f', f'' … of a function of the system at `argument`."""
        function = self.system.function_by_name.get(name)
        if function is None:
            raise IllFormed(f"the function '{name}' is not declared")
        if function.expression is None:
            return self.arena.app(name, order, argument)
        if (name, order) not in self._functions:
            spot = self.arena.var(f"#{name}")
            if order == 0:
                env = {"#" + function.variable.name: spot}
                value = self._lowering.node(function.expression, env)
            else:
                self.apply(name, order - 1, spot)
                before = self._functions[(name, order - 1)][1]
                value = local_gradient(self.arena, before).get(spot, self.arena.zero)
            self._functions[(name, order)] = (spot, value)
        known = (name, order, argument)
        if known not in self._applied:
            spot, value = self._functions[(name, order)]
            self._applied[known] = self.arena.substitute(value, {spot: argument})
        return self._applied[known]

    def functional(self, v: Node) -> bool:
        """Whether the equation of an entry holds a function or is a plain copy.

        Read off the equation, not the entry, so that it is the same at all sizes.
        """
        e = self.equation.get(v)
        if e is None:
            return False
        if id(e) not in self._functional:
            self._functional[id(e)] = functional(e.rhs)
        return self._functional[id(e)]

    def facts(self, name: str) -> frozenset[Fact]:
        q = self.system.by_name.get(name)
        return q.facts if q else frozenset()

    # --- derivatives ----------------------------------------------------------------------------

    def total(self, formula: Node, by: Node) -> Node:
        """The cut-point derivative of any expression by the entry `by`."""
        return self.derivatives.total(formula, by)

    def cost_by(self, name: str, indices: tuple[int, ...]) -> Node:
        """dJ/dname[indices]: what `d.name` stands for."""
        cost = self.entry(self.system.cost, ())
        return self.derivatives.between(cost, self.entry(name, indices))
