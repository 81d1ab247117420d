"""SymPy expressions of a System to nodes of the arena, with all index letters given values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from symbackprop.judging.arena import Arena, Condition, Node, holds
from symbackprop.judging.marks import Marks
from symbackprop.judging.problems import NotUnderstood, OutOfRange

Entry = Callable[[str, tuple[int, ...]], Node]
Apply = Callable[[str, int, Node], Node]

MOST_TERMS = 200_000
"""A sum of more terms is not written out."""
_RELATIONS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Lowering:
    """Turns SymPy into nodes. `entry` gives the node of an entry, `apply` that of a function of the system."""

    def __init__(
        self,
        arena: Arena,
        sizes: Mapping[str, int],
        entry: Entry,
        apply: Apply,
        marks: Marks | None = None,
    ) -> None:
        self.arena = arena
        self.sizes = sizes
        self.entry = entry
        self.apply = apply
        self.marks = marks

    def integer(self, e: Any, env: Mapping[str, int]) -> int:
        """An index, bound or size as a number. Raises NotUnderstood."""
        if e.is_Integer:
            return int(e)
        if e.is_Symbol:
            name = e.name
            if name in env:
                return env[name]
            if name in self.sizes:
                return self.sizes[name]
            raise NotUnderstood(f"the size {name} has no value")
        if isinstance(e, sp.Indexed):
            args = ",".join(str(self.integer(i, env)) for i in e.indices)
            name = f"{e.base.label}[{args}]"
            if name in self.sizes:
                return self.sizes[name]
            raise OutOfRange(f"{name} does not exist")
        if e.is_Add:
            return sum(self.integer(a, env) for a in e.args)
        if e.is_Mul:
            value = Fraction(1)
            for a in e.args:
                value *= Fraction(int(a.p), int(a.q)) if a.is_Rational else self.integer(a, env)
            if value.denominator == 1:
                return int(value)
        if isinstance(e, sp.Max | sp.Min):
            values = [self.integer(a, env) for a in e.args]
            return max(values) if isinstance(e, sp.Max) else min(values)
        raise NotUnderstood(f"{e} is not an integer")

    def node(self, e: Any, env: Mapping[str, Any]) -> Node:
        """The node of `e`; `env` holds numbers of index letters, and nodes for other symbols under '#name'."""
        arena = self.arena
        if e.is_Symbol:
            name = e.name
            if "#" + name in env:
                return int(env["#" + name])
            if name in env:
                if self.marks:
                    self.marks.refuse(f"the letter {name} stands as a number")
                return arena.num(env[name])
            if name in self.sizes:
                return self.size(name)
            return self.entry(name, ())
        if isinstance(e, sp.Indexed):
            name = str(e.base.label)
            numbers = tuple(self.integer(i, env) for i in e.indices)
            known = f"{name}[{','.join(map(str, numbers))}]"
            if known in self.sizes:
                return self.size(known)
            return self.entry(name, numbers)
        if e.is_Rational:
            return arena.num(Fraction(int(e.p), int(e.q)))
        if e.is_Add:
            return arena.add([self.node(a, env) for a in e.args])
        if e.is_Mul:
            return arena.mul([self.node(a, env) for a in e.args])
        if isinstance(e, sp.Pow):
            if e.base is sp.E:
                return arena.exp(self.node(e.exp, env))
            return arena.general_power(self.node(e.base, env), self.node(e.exp, env))
        if isinstance(e, sp.Sum):
            return self._sum(e, env)
        if e.is_Float:
            return arena.num(Fraction(str(e)))
        if e is sp.E:
            return arena.exp(arena.one)
        if e is sp.pi:
            return arena.pi()
        return self._function(e, env)

    def size(self, name: str) -> Node:
        """A symbolic size as a number; a closed atom where all sizes are in question."""
        if self.marks:
            return self.marks.size(name)
        return self.arena.num(self.sizes[name])

    def _sum(self, e: Any, env: Mapping[str, Any]) -> Node:
        envs: list[tuple[dict[str, Any], tuple[Node, ...]]] = [(dict(env), ())]
        for letter, lower, upper in reversed(e.limits):
            longer = []
            for one, marked in envs:
                low, high = self.integer(lower, one), self.integer(upper, one)
                key = self.marks.key(self, lower, upper, one) if self.marks else ""
                for i in range(low, high + 1):
                    self.arena.clock.step()
                    mark = (self.marks.mark(key, i),) if self.marks and key else ()
                    longer.append(({**one, letter.name: i}, marked + mark))
                    if len(longer) > MOST_TERMS:
                        raise NotUnderstood("a sum of too many terms")
            envs = longer
        terms: list[Node] = []
        for one, marked in envs:
            self.arena.clock.step()
            node = self.node(e.function, one)
            terms.append(self.arena.marked(node, marked))
        return self.arena.add(terms)

    def _function(self, e: Any, env: Mapping[str, Any]) -> Node:
        arena = self.arena
        if isinstance(e, AppliedUndef):
            if len(e.args) != 1:
                raise NotUnderstood(f"a function of several arguments: {e.func}")
            return self.apply(e.func.__name__, 0, self.node(e.args[0], env))
        if isinstance(e, sp.Piecewise):
            rows = []
            for value, condition in e.args:
                conditions = self._conditions(condition, env)
                if conditions is not None:
                    rows.append((conditions, self.node(value, env)))
            return arena.piece(rows)
        if isinstance(e, sp.KroneckerDelta) and self.marks and self.marks.counting:
            return arena.piece([((self.marks.guard(),), arena.one), ((), arena.zero)])
        if isinstance(e, sp.KroneckerDelta):
            left, right = (self.integer(a, env) for a in e.args[:2])
            return arena.one if left == right else arena.zero
        args = [self.node(a, env) for a in e.args]
        name = type(e).__name__
        if name in ("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "sign"):
            return int(getattr(arena, name)(args[0]))
        if name == "Abs":
            return arena.abs(args[0])
        if name in ("Max", "Min"):
            return arena.maximum(args, 1 if name == "Max" else -1)
        if name == "Heaviside":
            return arena.piece([(((args[0], ">"),), arena.one), (((args[0], "<"),), arena.zero)])
        raise NotUnderstood(f"the function {name}")

    def _conditions(self, c: Any, env: Mapping[str, Any]) -> tuple[Condition, ...] | None:
        """A conjunction of relations; None if it is false whatever the values are."""
        if c == True:  # noqa: E712  (SymPy's BooleanTrue)
            return ()
        if c == False:  # noqa: E712
            return None
        if isinstance(c, sp.And):
            found: list[Condition] = []
            for a in c.args:
                one = self._conditions(a, env)
                if one is None:
                    return None
                found.extend(one)
            return tuple(found)
        if isinstance(c, Relational):
            gap = self.arena.sub(self.node(c.lhs, env), self.node(c.rhs, env))
            relation = _RELATIONS.get(c.rel_op)
            if relation is None:
                raise NotUnderstood(f"the condition {c}")
            value = self.arena.number(gap)
            if value is not None:
                return () if holds(value, relation) else None
            return ((gap, relation),)
        raise NotUnderstood(f"the condition {c}")
