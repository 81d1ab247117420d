"""How many different indices a term can carry on each axis, read off a marked instance.

The difference of two sides is thought of as multiplied out: a sum of terms, each a function of atoms
with indices. `Spread` finds, for every size, the largest number of distinct values that one term
carries. Functions (exp, log, powers with negative exponent, unknown f, ...) are part of a term's
function, if no sum stands inside; an argument that holds a sum is kept as a closed atom, which is
right where that sum is the same for every index it runs over.
"""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.judging.arena import Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE, SIZE

Masks = frozenset[int]
Family = dict[str, Masks]
Resolve = Callable[[Node], Node | None]

NONE: Masks = frozenset((0,))
_INSIDE = ("exp", "log", "sin", "cos", "root", "app")


class Refused(Exception):
    """No conclusion to all sizes is possible."""


def opener(instance: Instance, shallow: Resolve, opening: str, difference: Node) -> Resolve:
    """Marks count 1, sizes stay closed, definitions are opened as `opening` says.

    'shallow': functions and copies; 'named': also the weighted sums that `difference` names itself;
    'next': also those that the definitions of what it names use; 'all': every definition.
    """
    marks = instance.marks
    assert marks is not None
    arena = instance.arena
    named: frozenset[Node] = frozenset()
    if opening in ("named", "next"):
        named = frozenset(arena.variables(difference))
    if opening == "next":
        meant = [instance.definition[v] for v in named if v in instance.definition]
        named |= frozenset(x for m in meant for x in arena.variables(m))

    def resolve(v: Node) -> Node | None:
        if v in marks.definition:
            return marks.definition[v] if arena.args[v][0].startswith(ONE) else None
        if opening == "all" or v in named:
            return instance.definition.get(v)
        return shallow(v)

    return resolve


def is_mark(instance: Instance, v: Node) -> bool:
    return instance.arena.op[v] == "var" and instance.arena.args[v][0].startswith(ONE)


def sums_inside(instance: Instance, root: Node, resolve: Resolve) -> frozenset[Node]:
    """Arguments of functions that hold a marked sum: they are kept closed. Raises Refused."""
    arena = instance.arena
    holds: dict[Node, bool] = {}
    found: set[Node] = set()
    for node in arena.order([root], resolve):
        op, args = arena.op[node], arena.args[node]
        if op == "var":
            meant = None if is_mark(instance, node) else resolve(node)
            holds[node] = is_mark(instance, node) or (meant is not None and holds[meant])
            continue
        below = arena.children(node)
        argument = (
            args
            if op in ("exp", "log", "sin", "cos")
            else args[0]
            if op == "root" or (op == "^" and args[1] < 0)
            else args[2]
            if op == "app"
            else None
        )
        if argument is not None:
            if holds[argument]:
                while arena.op[argument] == "var":  # a definition: the sum it stands for
                    meant = resolve(argument)
                    assert meant is not None
                    argument = meant
                found.add(argument)
            holds[node] = False
            continue
        if op == "piece":
            for conditions, _ in args[0]:
                if any(holds[c] for c, _ in conditions):
                    raise Refused("a sum inside a condition")
        holds[node] = any(holds[c] for c in below)
    return frozenset(found)


class Spread:
    """Families of index sets (bit masks) of nodes, for every size of a marked instance."""

    def __init__(self, instance: Instance, resolve: Resolve, closed: frozenset[Node]) -> None:
        self.instance = instance
        self.resolve = resolve
        self.closed = closed
        self.families: dict[Node, Family] = {}

    def of(self, root: Node) -> dict[str, int]:
        """The largest number of distinct indices of a term of `root`, by size. Raises Refused."""
        for node in self.instance.arena.order([root], self.resolve):
            if node not in self.families:
                family = self._family(node)
                if node in self.closed:
                    family = self._free_of_sums(node, family)
                self.families[node] = family
        return {k: max(m.bit_count() for m in masks) for k, masks in self.families[root].items()}

    def _family(self, node: Node) -> Family:
        arena = self.instance.arena
        op, args = arena.op[node], arena.args[node]
        if op in ("num", "pi"):
            return {}
        if op == "var":
            meant = None if is_mark(self.instance, node) else self.resolve(node)
            return self._own(node) if meant is None else self.families[meant]
        below = [self.families[c] for c in arena.children(node)]
        if op == "+":
            return self._join(below)
        if op == "*":
            return self._times(below)
        if op == "^" and args[1] > 0:
            return self._times(below * min(args[1], 6)) if args[1] <= 6 else self._all(below)
        return self._all(below)

    def _own(self, node: Node) -> Family:
        """The indices of an atom."""
        name, indices = self.instance.arena.args[node]
        if name.startswith(ONE):
            return {name.removeprefix(ONE): frozenset((1 << indices[0],))}
        if name.startswith(SIZE):
            return {}
        q = self.instance.system.by_name.get(name)
        found: dict[str, int] = {}
        for axis, i in enumerate(indices):
            key = self.instance.axis_key(q, axis, indices[:axis]) if q else ""
            if key:
                found[key] = found.get(key, 0) | 1 << i
        return {k: frozenset((m,)) for k, m in found.items()}

    def _join(self, families: list[Family]) -> Family:
        keys = {k for f in families for k in f}
        return {k: _largest(m for f in families for m in f.get(k, NONE)) for k in keys}

    def _times(self, families: list[Family]) -> Family:
        result: Family = {}
        for family in families:
            for key, masks in family.items():
                known = result.get(key, NONE)
                result[key] = _largest(a | b for a in known for b in masks)
        return result

    def _all(self, families: list[Family]) -> Family:
        """A function of everything below: one term with all indices."""
        found: dict[str, int] = {}
        for family in families:
            for key, masks in family.items():
                for m in masks:
                    found[key] = found.get(key, 0) | m
        return {k: frozenset((m,)) for k, m in found.items()}

    def _free_of_sums(self, node: Node, family: Family) -> Family:
        """A closed argument: an axis over which it is symmetric does not count as an index."""
        united = self._all([family])
        kept: Family = {}
        for key, masks in united.items():
            (mask,) = masks
            full = mask.bit_count() == self.instance.sizes[key]
            if not (full and self._symmetric(node, key)):
                kept[key] = masks
        return kept

    def _symmetric(self, node: Node, key: str) -> bool:
        """Whether exchanging any two neighbouring indices of that size leaves the node as it is."""
        arena, instance = self.instance.arena, self.instance
        variables = arena.variables(node)
        for i in range(1, instance.sizes[key]):
            change: dict[Node, Node] = {}
            for v in variables:
                name, indices = arena.args[v]
                if name.startswith(ONE):
                    new = tuple(_swap(x, i) for x in indices) if name == ONE + key else indices
                else:
                    q = instance.system.by_name.get(name)
                    new = tuple(
                        _swap(x, i) if q and instance.axis_key(q, a, indices[:a]) == key else x
                        for a, x in enumerate(indices)
                    )
                if new != indices:
                    change[v] = arena.var(name, new)
            if arena.substitute(node, change) != node:
                return False
        return True


def _swap(x: int, i: int) -> int:
    return i + 1 if x == i else i if x == i + 1 else x


def _largest(masks: object) -> Masks:
    """The masks that no other contains."""
    every = set(masks)  # type: ignore[call-overload]
    return frozenset(m for m in every if not any(m != o and m & o == m for o in every))


def degree(instance: Instance, root: Node, resolve: Resolve, names: frozenset[str]) -> int:
    """The degree of `root` in the quantities `names`. Raises Refused where one is inside a function."""
    arena = instance.arena
    found: dict[Node, int] = {}
    for node in arena.order([root], resolve):
        op, args = arena.op[node], arena.args[node]
        if op == "var":
            meant = None if is_mark(instance, node) else resolve(node)
            found[node] = int(args[0] in names) if meant is None else found[meant]
            continue
        below = [found[c] for c in arena.children(node)]
        if op == "+":
            found[node] = max(below)
        elif op == "*":
            found[node] = sum(below)
        elif op == "^" and args[1] > 0:
            found[node] = below[0] * args[1]
        elif any(below):
            raise Refused("a fact about an entry inside a function")
        else:
            found[node] = 0
    return found[root]


__all__ = ["Refused", "Spread", "degree", "opener", "sums_inside"]
