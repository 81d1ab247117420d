"""What a proof for all sizes opens, and which sums it keeps closed."""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.judging.arena import Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE, SIZE
from symbackprop.judging.problems import Refused

Resolve = Callable[[Node], Node | None]


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
            if op in ("exp", "log", "sin", "cos", "erf")
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


__all__ = ["Resolve", "is_mark", "opener", "sums_inside"]
