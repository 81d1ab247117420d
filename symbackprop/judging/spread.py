"""How many different indices a term can carry on each axis, read off a marked instance.

The difference of two sides is thought of as multiplied out: a sum of terms, each a function of atoms
with indices. `Spread` finds, for every size, the largest number of distinct values that one term
carries. Functions (exp, log, powers with negative exponent, unknown f, ...) are part of a term's
function, if no sum stands inside; an argument that holds a sum is kept as a closed atom, which is
right where that sum is the same for every index it runs over.
"""

from __future__ import annotations

from symbackprop.judging.arena import Key, Node
from symbackprop.judging.closing import Resolve, is_mark
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE
from symbackprop.judging.one_step import OneStep

Masks = frozenset[int]
Family = dict[str, Masks]

KEYS = "#sizes"
"""Stands for the set of sizes of which a term carries an index."""
NONE: Masks = frozenset((0,))
_INSIDE = ("exp", "log", "sin", "cos", "erf", "root", "app")


class Spread:
    """Families of index sets (bit masks) of nodes, for every size of a marked instance."""

    def __init__(self, instance: Instance, resolve: Resolve, closed: frozenset[Node]) -> None:
        self.instance = instance
        self.resolve = resolve
        self.closed = closed
        self.families: dict[Node, Family] = {}
        self.pairs = pairs_of(instance)
        self.deep = instance.marks.deep if instance.marks else frozenset[str]()
        self.inside: dict[str, int] = {}
        """The largest number of indices of a term of a closed sum, by size."""
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
                    for key, masks in family.items():
                        most = max(m.bit_count() for m in masks)
                        self.inside[key] = max(self.inside.get(key, 0), most)
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
            if key in self.deep or key == KEYS or mask.bit_count() < self.instance.sizes[key]:
                kept[key] = masks
                continue
            own = self._own_indices(node, key)
            if own:
                kept[key] = frozenset((own,))
        return kept

    def _own_indices(self, node: Node, key: str) -> int:
        """The indices of a size that a closed sum is about: the others can be exchanged freely.

        All of them, if no two can be exchanged. In S_j = sum over k of U_jk h_k it is j.
        """
        count = self.instance.sizes[key]
        everything = (1 << count + 1) - 2
        largest: set[int] = set()
        for a in range(1, count + 1):
            alike = {a} | {
                b for b in range(1, count + 1) if b != a and self._symmetric(node, key, a, b)
            }
            if len(alike) > len(largest):
                largest = alike
        if len(largest) < 2:
            return everything
        return everything & ~sum(1 << i for i in largest)

    def _symmetric(self, node: Node, key: str, a: int, b: int) -> bool:
        """Whether exchanging two indices of that size leaves the node as it is."""
        arena = self.instance.arena
        change: dict[Node, Node] = {}
        for v in arena.variables(node):
            new = [self._swapped(entry, key, a, b) for entry in self._entries(v)]
            if v in self.pairs:
                top, by = (arena.var(*entry) for entry in new)
                other = self.instance.derivatives.between(top, by)
            else:
                other = arena.var(*new[0])
            if other != v:
                change[v] = other
        return arena.substitute(node, change) == node

    def _swapped(self, entry: Key, key: str, a: int, b: int) -> Key:
        """An entry with two indices of that size exchanged."""
        name, indices = entry
        if name.startswith(ONE):
            return (name, tuple(_swap(x, a, b) for x in indices)) if name == ONE + key else entry
        q = self.instance.system.by_name.get(name)
        if q is None:
            return entry
        hits = [self.instance.axis_key(q, k, indices[:k]) == key for k in range(len(indices))]
        pairs = zip(indices, hits, strict=True)
        return name, tuple(_swap(x, a, b) if hit else x for x, hit in pairs)


def pairs_of(instance: Instance) -> dict[Node, tuple[Node, Node]]:
    """The atoms that are derivatives: atom -> (of, by)."""
    derivatives = instance.derivatives
    return derivatives.pairs if isinstance(derivatives, OneStep) else {}


def _swap(x: int, a: int, b: int) -> int:
    return b if x == a else a if x == b else x


def _largest(masks: object) -> Masks:
    """The masks that no other contains."""
    every = set(masks)  # type: ignore[call-overload]
    if len(every) == 1:
        return frozenset(every)
    return frozenset(m for m in every if not any(m != o and m & o == m for o in every))


__all__ = ["KEYS", "Spread", "pairs_of"]
