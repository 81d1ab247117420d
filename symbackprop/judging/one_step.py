"""The one-step chain rule: derivatives between entries as atoms with a definition each.

In a network of any depth a derivative dJ/dz[l,j] written out in full reaches up to the last layer. Here
it is an atom, and what it stands for is one step of the chain rule,

    below:  d top / d by  =  sum over the entries u that use `by`, of  d top / d u * (local d u / d by)
    above:  d top / d by  =  sum over the entries v that `top` uses, of  (local d top / d v) * d v / d by

Both hold at every depth. That is all that proofs for all depths know of derivatives. A derivative is 0
where the equations' names alone say that `top` is not computed from `by`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.judging.arena import Node
from symbackprop.judging.derivatives import Derivatives
from symbackprop.judging.ladder import Ladder
from symbackprop.judging.problems import Refused
from symbackprop.judging.tangent import local_gradient

if TYPE_CHECKING:
    from symbackprop.judging.instance import Instance

STEP = "#d:"


class OneStep(Derivatives):
    """Derivatives between the entries of one instance as atoms. `pairs`: atom -> (top, by)."""

    def __init__(self, instance: Instance, ladder: Ladder) -> None:
        super().__init__(instance)
        self.ladder = ladder
        self.pairs: dict[Node, tuple[Node, Node]] = {}
        self._below: dict[Node, Node] = {}
        self._above: dict[Node, Node | None] = {}

    def between(self, top: Node, by: Node) -> Node:
        """d top / d by as an atom, or 1, or 0. Raises Refused for a derivative of a derivative."""
        if top == by:
            return self.arena.one
        if top in self.pairs:
            raise Refused("a derivative of a derivative")
        name, indices = self.arena.args[top]
        under, at = self.arena.args[by]
        if name not in self.instance.system.by_name:
            return self.arena.zero  # a mark or a free constant
        here, there = self.ladder.place(under, at), self.ladder.place(name, indices)
        gap = None if here is None or there is None else there - here
        if not self.ladder.reaches(under, name, gap):
            return self.arena.zero
        node = self.arena.var(f"{STEP}{name}:{under}", indices + at)
        self.pairs[node] = (top, by)
        return node

    def total(self, formula: Node, by: Node) -> Node:
        if self.arena.op[formula] == "var":
            return self.between(formula, by)
        return self.arena.add(
            self.arena.mul((partial, self.between(v, by)))
            for v, partial in local_gradient(self.arena, formula).items()
        )

    def below(self, node: Node) -> Node:
        """One step of the chain rule from `by` upwards."""
        found = self._below.get(node)
        if found is None:
            top, by = self.pairs[node]
            found = self.arena.add(
                self.arena.mul((self.between(top, u), self.direct(u)[by]))
                for u in self.consumers(by)
                if by in self.direct(u)
            )
            self._below[node] = found
        return found

    def above(self, node: Node) -> Node | None:
        """One step of the chain rule from `top` downwards; None if `top` has no equation."""
        if node not in self._above:
            top, by = self.pairs[node]
            found = None
            if top in self.instance.definition:
                found = self.arena.add(
                    self.arena.mul((partial, self.between(v, by)))
                    for v, partial in self.direct(top).items()
                )
            self._above[node] = found
        return self._above[node]
