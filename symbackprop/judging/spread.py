"""How many different indices a term can carry on each axis, read off a marked instance.

The difference of two sides is thought of as multiplied out: a sum of terms, each a function of atoms
with indices. `Spread` finds, for every size, the largest number of distinct values that one term
carries. Functions (exp, log, powers with negative exponent, unknown f, ...) are part of a term's
function, if no sum stands inside; an argument that holds a sum is kept as a closed atom, which is
right where that sum is the same for every index it runs over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbackprop.judging.arena import Key, Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE, SIZE
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


def sums_inside(
    instance: Instance, root: Node, resolve: Resolve, numbers: bool = False
) -> frozenset[Node]:
    """The marked sums in arguments of functions: they are kept closed. Raises Refused.

    numbers: sizes stand for their values; an argument that holds one beside a sum is closed as a whole.
    """
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
                sized = numbers and _sized(instance, argument, resolve)
                whole = [_meant(instance, argument, resolve)]
                found.update(whole if sized else _sums_of(instance, argument, resolve, holds))
            holds[node] = False
            continue
        if op == "piece":
            for conditions, _ in args[0]:
                if any(holds[c] for c, _ in conditions):
                    raise Refused("a sum inside a condition")
        holds[node] = any(holds[c] for c in below)
    return frozenset(found)


def _sized(instance: Instance, node: Node, resolve: Resolve) -> bool:
    """Whether a size stands as a number in a formula."""
    arena = instance.arena
    below = arena.order([node], resolve)
    return any(arena.op[v] == "var" and arena.args[v][0].startswith(SIZE) for v in below)


def _meant(instance: Instance, node: Node, resolve: Resolve) -> Node:
    """What a var stands for in the end."""
    while instance.arena.op[node] == "var":
        meant = resolve(node)
        if meant is None:
            break
        node = meant
    return node


def _sums_of(
    instance: Instance, argument: Node, resolve: Resolve, holds: dict[Node, bool]
) -> list[Node]:
    """The sums in the argument of a function; the argument is then a function of them and of other atoms.

    A term of a sum has a mark of its own and is never taken apart: at size 1 it is the whole sum. Two
    sums added at size 1 look like one; together they are one atom, which proves more.
    """
    arena = instance.arena

    def is_term(node: Node) -> bool:
        op = arena.op[node]
        if op == "var":
            return is_mark(instance, node)
        return op == "*" and any(is_mark(instance, x) for x in arena.args[node])

    todo, found = [argument], []
    while todo:
        node = todo.pop()
        if not holds[node]:
            continue
        op = arena.op[node]
        meant = resolve(node) if op == "var" and not is_mark(instance, node) else None
        if meant is not None:  # a definition: the sum it stands for
            todo.append(meant)
        elif (op == "*" and not is_term(node)) or (
            op == "+" and not all(is_term(x) for x in arena.args[node])
        ):
            todo.extend(arena.args[node])
        elif op == "^":
            todo.append(arena.args[node][0])
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


Degrees = dict[str, tuple[int, int]]


def size_degrees(
    instance: Instance, root: Node, resolve: Resolve, closed: frozenset[Node]
) -> Degrees:
    """The lowest and highest power of each size that stands as a number (1/m) in a term of `root`.

    Raises Refused where a size stands inside a function, or a sum is divided by that holds one.
    """
    arena = instance.arena
    found: dict[Node, Degrees | None] = {}
    for node in arena.order([root], resolve):
        op, args = arena.op[node], arena.args[node]
        if node in closed:
            found[node] = {}
        elif op == "var":
            meant = None if is_mark(instance, node) else resolve(node)
            size = args[0].removeprefix(SIZE) if args[0].startswith(SIZE) else ""
            found[node] = {size: (1, 1)} if size else found[meant] if meant is not None else {}
        else:
            below = [found[c] for c in arena.children(node)]
            found[node] = _degrees(op, args, [d for d in below if d is not None], None in below)
    degrees = found[root]
    if degrees is None:
        raise Refused("a size inside a function")
    return degrees


def _degrees(op: str, args: Any, below: list[Degrees], bad: bool) -> Degrees | None:
    names = {k for d in below for k in d}
    if bad or not names:
        return None if bad else {}
    ends = {k: [d.get(k, (0, 0)) for d in below] for k in names}
    if op == "+":
        return {k: (min(a for a, _ in e), max(b for _, b in e)) for k, e in ends.items()}
    if op == "*":
        return {k: (sum(a for a, _ in e), sum(b for _, b in e)) for k, e in ends.items()}
    if op == "^" and (args[1] > 0 or all(a == b for e in ends.values() for a, b in e)):
        pairs = {k: (e[0][0] * args[1], e[0][1] * args[1]) for k, e in ends.items()}
        return {k: (min(p), max(p)) for k, p in pairs.items()}
    return None


__all__ = ["Refused", "Spread", "degree", "opener", "size_degrees", "sums_inside"]
