"""Partial derivatives of one expression by the vars that stand in it: one backward pass.

Definitions of vars are not followed here; `Instance.total` joins these local derivatives over the
network's graph.
"""

from __future__ import annotations

from fractions import Fraction

from symbackprop.judging.arena import Arena, Node


def local_gradient(arena: Arena, root: Node) -> dict[Node, Node]:
    """For every var v in `root`: the partial derivative of `root` by v, all other vars fixed."""
    parts: dict[Node, list[Node]] = {root: [arena.one]}
    found: dict[Node, Node] = {}
    for node in reversed(arena.order([root])):
        shares = parts.pop(node, None)
        if shares is None:
            continue  # only inside a condition, or its factor is 0
        outer = arena.add(shares)
        if outer == arena.zero:
            continue
        op = arena.op[node]
        if op == "var":
            found[node] = outer
        elif op not in ("num", "pi"):
            for child, partial in _partials(arena, node):
                if partial != arena.zero:
                    parts.setdefault(child, []).append(arena.mul((outer, partial)))
    return found


def _partials(arena: Arena, node: Node) -> list[tuple[Node, Node]]:
    """(child, d node / d child), once for each occurrence of the child."""
    op, args = arena.op[node], arena.args[node]
    if op == "+":
        return [(c, arena.one) for c in args]
    if op == "*":
        return [
            (c, arena.mul(args[:i] + args[i + 1 :]))
            for i, c in enumerate(args)
            if arena.op[c] != "num"
        ]
    if op == "^":
        base, n = args
        return [(base, arena.mul((arena.num(n), arena.power(base, n - 1))))]
    if op == "root":
        base, q = args
        share = arena.mul((arena.num(Fraction(1, q)), node, arena.power(base, -1)))
        return [(base, share)]
    if op == "exp":
        return [(args, node)]
    if op == "log":
        return [(args, arena.power(args, -1))]
    if op == "sin":
        return [(args, arena.cos(args))]
    if op == "cos":
        return [(args, arena.neg(arena.sin(args)))]
    if op == "erf":  # 2/sqrt(pi) e^(-u^2)
        bell = arena.exp(arena.neg(arena.power(args, 2)))
        scale = arena.mul((arena.num(2), arena.power(arena.root(arena.pi(), 2), -1)))
        return [(args, arena.mul((scale, bell)))]
    if op == "app":
        name, order, argument = args
        return [(argument, arena.app(name, order + 1, argument))]
    rows = args[0]
    # Each row's value counts where its row is chosen: d piece = sum of (piece of 1 on that row) * d value.
    found = []
    for i, (_, value) in enumerate(rows):
        chosen = [(c, arena.one if k == i else arena.zero) for k, (c, _) in enumerate(rows)]
        found.append((value, arena.piece(chosen, True)))
    return found
