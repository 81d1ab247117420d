"""Degrees in the entries of a quantity, and in the sizes that stand as numbers."""

from __future__ import annotations

from typing import Any

from symbackprop.judging.arena import Node
from symbackprop.judging.closing import Resolve, is_mark
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import SIZE
from symbackprop.judging.problems import Refused

Degrees = dict[str, tuple[int, int]]


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


__all__ = ["degree", "size_degrees"]
