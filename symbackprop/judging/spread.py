"""How many different indices a term can carry on each axis, read off a marked instance.

The difference of two sides is thought of as multiplied out: a sum of terms, each a function of atoms
with indices. `Spread` finds, for every size, the largest number of distinct values that one term
carries. Functions (exp, log, powers with negative exponent, unknown f, ...) are part of a term's
function, if no sum stands inside; an argument that holds a sum is kept as a closed atom, which is
right where that sum is the same for every index it runs over.
"""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.judging.arena import Key, Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE
from symbackprop.judging.one_step import OneStep
from symbackprop.judging.problems import Refused

Masks = frozenset[int]
Family = dict[str, Masks]
Resolve = Callable[[Node], Node | None]

KEYS = "#sizes"
"""Stands for the set of sizes of which a term carries an index."""
NONE: Masks = frozenset((0,))
_INSIDE = ("exp", "log", "sin", "cos", "root", "app")


def opener(instance: Instance, opening: str, difference: Node) -> Resolve:
    """Marks count 1, sizes stay closed, definitions are opened as `opening` says.

    'shallow': functions and copies; 'named': also the weighted sums that `difference` names itself;
    'all': every definition.
    """
    marks = instance.marks
    assert marks is not None
    arena = instance.arena
    named: frozenset[Node] = frozenset()
    if opening == "named":
        named = frozenset(arena.variables(difference))

    def resolve(v: Node) -> Node | None:
        if v in marks.definition:
            return marks.definition[v] if arena.args[v][0].startswith(ONE) else None
        if opening == "all" or v in named:
            return instance.definition.get(v)
        return instance.definition.get(v) if instance.functional(v) else None

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
                found.update(x for x in _kernels(instance, argument, op, resolve) if holds[x])
            holds[node] = False
            continue
        if op == "piece":
            for conditions, _ in args[0]:
                if any(holds[c] for c, _ in conditions):
                    raise Refused("a sum inside a condition")
        holds[node] = any(holds[c] for c in below)
    return frozenset(found)


def _kernels(instance: Instance, argument: Node, op: str, resolve: Resolve) -> list[Node]:
    """The argument of a function; of a power the factors, since 1/(u v) = 1/u 1/v.

    A term of a sum, which has a mark, is never taken apart: of a sum of one term it is the whole.
    """
    arena = instance.arena
    todo, found = [argument], []
    while todo:
        node = todo.pop()
        while arena.op[node] == "var":  # a definition: the sum it stands for
            meant = resolve(node)
            if meant is None:
                break
            node = meant
        kind, below = arena.op[node], arena.args[node]
        if op == "^" and kind == "*" and not any(is_mark(instance, x) for x in below):
            todo.extend(below)
        elif op == "^" and kind == "^":
            todo.append(below[0])
        else:
            found.append(node)
    return found


class Spread:
    """Families of index sets (bit masks) of nodes, for every size of a marked instance."""

    def __init__(self, instance: Instance, resolve: Resolve, closed: frozenset[Node]) -> None:
        self.instance = instance
        self.resolve = resolve
        self.closed = closed
        self.families: dict[Node, Family] = {}
        self.pairs = pairs_of(instance)
        self.deep = instance.marks.deep if instance.marks else frozenset[str]()
        self._numbers: dict[str, int] = {}

    def of(self, root: Node) -> dict[str, int]:
        """The largest number of distinct indices of a term of `root`, by size. Raises Refused.

        Under KEYS the largest number of different sizes of which a term carries an index.
        """
        return {k: max(m.bit_count() for m in masks) for k, masks in self.family(root).items()}

    def family(self, root: Node) -> Family:
        """The index sets of the terms of `root`, by size; only the largest. Raises Refused."""
        for node in self.instance.arena.order([root], self.resolve):
            if node not in self.families:
                family = self._family(node)
                if node in self.closed:
                    family = self._free_of_sums(node, family)
                self.families[node] = family
        return self.families[root]

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
        found: dict[str, int] = {}
        for name, indices in self._entries(node):
            if name.startswith(ONE):
                found[name.removeprefix(ONE)] = 1 << indices[0]
                continue
            q = self.instance.system.by_name.get(name)
            for axis, i in enumerate(indices if q else ()):
                key = self.instance.axis_key(q, axis, indices[:axis]) if q else ""
                if key:
                    found[key] = found.get(key, 0) | 1 << i
        used = sum(1 << self._number(k) for k in found if k not in self.deep)
        return {k: frozenset((m,)) for k, m in {**found, KEYS: used}.items() if m}

    def _entries(self, node: Node) -> list[Key]:
        """The entries of which an atom speaks: itself, or both of a derivative."""
        pair = self.pairs.get(node)
        return [self.instance.arena.args[v] for v in pair or (node,)]

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

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
            open_ = key not in self.deep and key != KEYS
            full = open_ and mask.bit_count() == self.instance.sizes[key]
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
                new = [self._swapped(entry, key, i) for entry in self._entries(v)]
                if v in self.pairs:
                    top, by = (arena.var(*entry) for entry in new)
                    derivatives = self.instance.derivatives
                    other = derivatives.between(top, by)
                else:
                    other = arena.var(*new[0])
                if other != v:
                    change[v] = other
            if arena.substitute(node, change) != node:
                return False
        return True

    def _swapped(self, entry: Key, key: str, i: int) -> Key:
        """An entry with the indices i and i+1 of that size exchanged."""
        name, indices = entry
        if name.startswith(ONE):
            return (name, tuple(_swap(x, i) for x in indices)) if name == ONE + key else entry
        q = self.instance.system.by_name.get(name)
        if q is None:
            return entry
        axes = enumerate(indices)
        hits = [self.instance.axis_key(q, a, indices[:a]) == key for a, _ in axes]
        pairs = zip(indices, hits, strict=True)
        return name, tuple(_swap(x, i) if hit else x for x, hit in pairs)


def pairs_of(instance: Instance) -> dict[Node, tuple[Node, Node]]:
    """The atoms that are derivatives: atom -> (of, by)."""
    derivatives = instance.derivatives
    return derivatives.pairs if isinstance(derivatives, OneStep) else {}


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
