"""The cut-point derivative on the graph of an instance.

d top / d by: the entry `by` is set free, everything after it is computed anew. By the chain rule it is
the sum over the entries u whose equation uses `by`, of d top / d u times the local derivative of u.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.judging.arena import Node
from symbackprop.judging.tangent import local_gradient

if TYPE_CHECKING:
    from symbackprop.judging.instance import Instance


class Derivatives:
    """Derivatives between the entries of one instance, written out in full."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.arena = instance.arena
        self.formed: set[Node] = set()
        """Nodes that are derivatives between entries: proofs may keep them closed."""
        self._direct: dict[Node, dict[Node, Node]] = {}
        self._known: dict[tuple[Node, Node], Node] = {}
        self._upstream: dict[Node, frozenset[Node]] = {}
        self._consumers: dict[Node, list[Node]] | None = None

    def upstream(self, node: Node) -> frozenset[Node]:
        """The vars that the var `node` is computed from, and itself."""
        found = self._upstream.get(node)
        if found is None:
            order = self.arena.order([node], self.instance.definition.get)
            found = frozenset(n for n in order if self.arena.op[n] == "var")
            self._upstream[node] = found
        return found

    def direct(self, node: Node) -> dict[Node, Node]:
        """The local derivatives of the equation that defines `node`, by the vars in it."""
        found = self._direct.get(node)
        if found is None:
            found = local_gradient(self.arena, self.instance.definition[node])
            self._direct[node] = found
        return found

    def consumers(self, node: Node) -> list[Node]:
        """The entries whose equation uses `node`."""
        if self._consumers is None:
            table: dict[Node, list[Node]] = {}
            for user, rhs in self.instance.definition.items():
                for v in self.arena.variables(rhs):
                    table.setdefault(v, []).append(user)
            self._consumers = table
        return self._consumers.get(node, [])

    def between(self, top: Node, by: Node) -> Node:
        """d top / d by of two vars."""
        if top == by:
            return self.arena.one
        found = self._known.get((top, by))
        if found is None:
            above = self.upstream(top)
            if by not in above:
                found = self.arena.zero
            else:
                found = self.arena.add(
                    self.arena.mul((self.between(top, u), self.direct(u)[by]))
                    for u in self.consumers(by)
                    if u in above and by in self.direct(u)
                )
            self._known[(top, by)] = found
            if self.arena.op[found] not in ("num", "var"):
                self.formed.add(found)
        return found

    def total(self, formula: Node, by: Node) -> Node:
        """The cut-point derivative of any expression by the entry `by`."""
        arena = self.arena
        if arena.op[formula] == "var":
            return self.between(formula, by)
        shares = []
        for v, partial in local_gradient(arena, formula).items():
            outer = self.between(v, by)
            if outer != arena.zero:
                shares.append(arena.mul((partial, outer)))
        return arena.add(shares)
