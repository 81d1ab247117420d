"""SymPy expressions of a System to nodes of the arena, with all index letters given values.

The same few equations are written out for every entry of every small network that a proof asks for. So an
expression is taken apart once, into functions of the letters' values (`_node`, `_number`); these are kept
for all instances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from symbackprop.judging.arena import Arena, Condition, Node, holds
from symbackprop.judging.marks import Marks, key_of
from symbackprop.judging.problems import NotUnderstood, OutOfRange

Entry = Callable[[str, tuple[int, ...]], Node]
Apply = Callable[[str, int, Node], Node]
Env = Mapping[str, Any]

MOST_TERMS = 200_000
"""A sum of more terms is not written out."""
MOST_KEPT = 8192
"""So many expressions are kept taken apart."""
_RELATIONS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NAMED = ("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "erf", "sign")


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
        self.widths = frozenset(name.partition("[")[0] for name in sizes if "[" in name)
        """Names of the sizes that have indices."""

    def integer(self, e: Any, env: Env) -> int:
        """An index, bound or size as a number. Raises NotUnderstood."""
        return _number(e)(self, env)

    def node(self, e: Any, env: Env) -> Node:
        """The node of `e`; `env` holds numbers of index letters, and nodes for other symbols under '#name'."""
        return _node(e)(self, env)

    def size(self, name: str) -> Node:
        """A symbolic size as a number; a closed atom where all sizes are in question."""
        if self.marks:
            return self.marks.size(name)
        return self.arena.num(self.sizes[name])


ToNumber = Callable[[Lowering, Env], int]
ToNode = Callable[[Lowering, Env], Node]
ToCondition = Callable[[Lowering, Env], tuple[Condition, ...] | None]


# --- indices, bounds and sizes ------------------------------------------------------------------


@lru_cache(maxsize=MOST_KEPT)
def _number(e: Any) -> ToNumber:
    """An index, bound or size as a number, as a function of the letters."""
    if e.is_Integer:
        value = int(e)
        return lambda low, env: value
    if e.is_Symbol:
        return _letter(e.name)
    if isinstance(e, sp.Indexed):
        return _width(e)
    if e.is_Add:
        parts = [_number(a) for a in e.args]
        return lambda low, env: sum([part(low, env) for part in parts])
    if e.is_Mul:
        return _multiple(e)
    if isinstance(e, sp.Max | sp.Min):
        choices = [_number(a) for a in e.args]
        best = max if isinstance(e, sp.Max) else min
        return lambda low, env: best([choice(low, env) for choice in choices])
    return lambda low, env: _no_number(e)


def _no_number(e: Any) -> int:
    raise NotUnderstood(f"{e} is not an integer")


def _letter(name: str) -> ToNumber:
    def letter(low: Lowering, env: Env) -> int:
        found = env.get(name)
        if found is None:
            found = low.sizes.get(name)
            if found is None:
                raise NotUnderstood(f"the size {name} has no value")
        return found

    return letter


def _width(e: Any) -> ToNumber:
    label, indices = str(e.base.label), [_number(i) for i in e.indices]

    def width(low: Lowering, env: Env) -> int:
        name = f"{label}[{','.join([str(i(low, env)) for i in indices])}]"
        if name in low.sizes:
            return low.sizes[name]
        raise OutOfRange(f"{name} does not exist")

    return width


def _multiple(e: Any) -> ToNumber:
    factors: list[Fraction | ToNumber] = [
        Fraction(int(a.p), int(a.q)) if a.is_Rational else _number(a) for a in e.args
    ]

    def multiple(low: Lowering, env: Env) -> int:
        value = Fraction(1)
        for factor in factors:
            value *= factor if isinstance(factor, Fraction) else factor(low, env)
        return int(value) if value.denominator == 1 else _no_number(e)

    return multiple


# --- values ---------------------------------------------------------------------------------------


@lru_cache(maxsize=MOST_KEPT)
def _node(e: Any) -> ToNode:
    """The node of an expression, as a function of the letters."""
    if e.is_Symbol:
        return _symbol(e.name)
    if isinstance(e, sp.Indexed):
        return _entry(e)
    if e.is_Rational:
        value = Fraction(int(e.p), int(e.q))
        return lambda low, env: low.arena.num(value)
    if e.is_Add:
        terms = [_node(a) for a in e.args]
        return lambda low, env: low.arena.add([term(low, env) for term in terms])
    if e.is_Mul:
        factors = [_node(a) for a in e.args]
        return lambda low, env: low.arena.mul([factor(low, env) for factor in factors])
    if isinstance(e, sp.Pow):
        exponent = _node(e.exp)
        if e.base is sp.E:
            return lambda low, env: low.arena.exp(exponent(low, env))
        base = _node(e.base)
        return lambda low, env: low.arena.general_power(base(low, env), exponent(low, env))
    if isinstance(e, sp.Sum):
        return _sum(e)
    if e.is_Float:
        decimal = Fraction(str(e))
        return lambda low, env: low.arena.num(decimal)
    if e is sp.E:
        return lambda low, env: low.arena.exp(low.arena.one)
    if e is sp.pi:
        return lambda low, env: low.arena.pi()
    return _function(e)


def _symbol(name: str) -> ToNode:
    inside = "#" + name

    def symbol(low: Lowering, env: Env) -> Node:
        if inside in env:
            return int(env[inside])
        if name in env:
            if low.marks:
                low.marks.refuse(f"the letter {name} stands as a number")
            return low.arena.num(env[name])
        if name in low.sizes:
            return low.size(name)
        return low.entry(name, ())

    return symbol


def _entry(e: Any) -> ToNode:
    name, indices = str(e.base.label), [_number(i) for i in e.indices]

    def entry(low: Lowering, env: Env) -> Node:
        numbers = tuple([i(low, env) for i in indices])
        if name in low.widths:
            known = f"{name}[{','.join(map(str, numbers))}]"
            if known in low.sizes:
                return low.size(known)
        return low.entry(name, numbers)

    return entry


def _sum(e: Any) -> ToNode:
    limits = [
        (letter.name, key_of(lower, upper), _number(lower), _number(upper))
        for letter, lower, upper in reversed(e.limits)
    ]
    body = _node(e.function)

    def total(low: Lowering, env: Env) -> Node:
        arena, marks = low.arena, low.marks
        envs: list[tuple[dict[str, Any], tuple[Node, ...]]] = [(dict(env), ())]
        for letter, key_in, first, last in limits:
            longer = []
            for one, marked in envs:
                begin, end = first(low, one), last(low, one)
                key = key_in(marks, low, one) if marks else ""
                for i in range(begin, end + 1):
                    arena.clock.step()
                    mark = (marks.mark(key, i),) if marks and key else ()
                    longer.append(({**one, letter: i}, marked + mark))
                    if len(longer) > MOST_TERMS:
                        raise NotUnderstood("a sum of too many terms")
            envs = longer
        terms: list[Node] = []
        for one, marked in envs:
            arena.clock.step()
            terms.append(arena.marked(body(low, one), marked))
        return arena.add(terms)

    return total


def _function(e: Any) -> ToNode:
    if isinstance(e, AppliedUndef):
        if len(e.args) != 1:
            return _refused(f"a function of several arguments: {e.func}")
        called, argument = e.func.__name__, _node(e.args[0])
        return lambda low, env: low.apply(called, 0, argument(low, env))
    if isinstance(e, sp.Piecewise):
        rows = [(_condition(condition), _node(value)) for value, condition in e.args]

        def piecewise(low: Lowering, env: Env) -> Node:
            held = [(conditions(low, env), value) for conditions, value in rows]
            return low.arena.piece([(c, v(low, env)) for c, v in held if c is not None])

        return piecewise
    if isinstance(e, sp.KroneckerDelta):
        return _delta(e)
    args = [_node(a) for a in e.args]
    name = type(e).__name__
    if name in _NAMED:
        only = args[0]
        return lambda low, env: int(getattr(low.arena, name)(only(low, env)))
    if name == "Abs":
        inner = args[0]
        return lambda low, env: low.arena.abs(inner(low, env))
    if name in ("Max", "Min"):
        sign = 1 if name == "Max" else -1
        return lambda low, env: low.arena.maximum([a(low, env) for a in args], sign)
    if name == "Heaviside":
        return _step(args[0])
    return _refused(f"the function {name}")


def _refused(reason: str) -> ToNode:
    def refused(low: Lowering, env: Env) -> Node:
        raise NotUnderstood(reason)

    return refused


def _step(argument: ToNode) -> ToNode:
    def step(low: Lowering, env: Env) -> Node:
        at, arena = argument(low, env), low.arena
        return arena.piece([(((at, ">"),), arena.one), (((at, "<"),), arena.zero)])

    return step


def _delta(e: Any) -> ToNode:
    left, right = (_number(a) for a in e.args[:2])

    def delta(low: Lowering, env: Env) -> Node:
        arena = low.arena
        if low.marks and low.marks.counting:
            return arena.piece([((low.marks.guard(),), arena.one), ((), arena.zero)])
        return arena.one if left(low, env) == right(low, env) else arena.zero

    return delta


def _condition(c: Any) -> ToCondition:
    """A conjunction of relations; None if it is false whatever the values are."""
    if c == True:  # noqa: E712  (SymPy's BooleanTrue)
        return lambda low, env: ()
    if c == False:  # noqa: E712
        return lambda low, env: None
    if isinstance(c, sp.And):
        return _conjunction([_condition(a) for a in c.args])
    relation = _RELATIONS.get(c.rel_op) if isinstance(c, Relational) else None
    if relation is None:
        return _unknown_condition(c)
    return _relation(_node(c.lhs), _node(c.rhs), relation)


def _conjunction(parts: list[ToCondition]) -> ToCondition:
    def conjunction(low: Lowering, env: Env) -> tuple[Condition, ...] | None:
        found: list[Condition] = []
        for part in parts:
            one = part(low, env)
            if one is None:
                return None
            found.extend(one)
        return tuple(found)

    return conjunction


def _relation(left: ToNode, right: ToNode, relation: str) -> ToCondition:
    def related(low: Lowering, env: Env) -> tuple[Condition, ...] | None:
        gap = low.arena.sub(left(low, env), right(low, env))
        value = low.arena.number(gap)
        if value is not None:
            return () if holds(value, relation) else None
        return ((gap, relation),)

    return related


def _unknown_condition(c: Any) -> ToCondition:
    def unknown(low: Lowering, env: Env) -> tuple[Condition, ...] | None:
        raise NotUnderstood(f"the condition {c}")

    return unknown
