"""Marks: how an instance remembers which index each term of a sum came from.

To conclude from small sizes to all sizes one must know how many different indices a term can carry on
one axis. In a marked instance each term of a sum over i is multiplied by the mark one[i] (which is 1), so
that no index is lost, not even in a sum of ones or after a derivative; and a size that stands as a
number (1/m) stays an atom.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from symbackprop.judging.arena import Arena, Node

if TYPE_CHECKING:
    from symbackprop.judging.lowering import Lowering

ONE = "#one:"
SIZE = "#size:"


class Marks:
    """The marks of one instance. `open_sizes` are the sizes over which is quantified."""

    def __init__(self, arena: Arena, sizes: Mapping[str, int], fixed: frozenset[str]) -> None:
        self.arena = arena
        self.sizes = sizes
        self.fixed = fixed
        self.definition: dict[Node, Node] = {}
        self.refused: str = ""
        """Why no conclusion to all sizes is possible, if so."""

    def refuse(self, reason: str) -> None:
        self.refused = self.refused or reason

    def mark(self, key: str, i: int) -> Node:
        node = self.arena.var(ONE + key, (i,))
        self.definition[node] = self.arena.one
        return node

    def size(self, name: str) -> Node:
        if name in self.fixed:
            return self.arena.num(self.sizes[name])
        node = self.arena.var(SIZE + name)
        self.definition[node] = self.arena.num(self.sizes[name])
        return node

    def key(self, lowering: Lowering, lower: Any, upper: Any, env: Mapping[str, int]) -> str:
        """The size that a sum runs over; empty for a fixed number of terms."""
        name = bound_key(lowering, upper, env)
        if name in self.fixed or name == "":
            return ""
        if name is None or lower != 1:
            self.refuse("a sum over part of an axis")
            return ""
        return name


def bound_key(lowering: Lowering, upper: Any, env: Mapping[str, int]) -> str | None:
    """The name of the size that a bound is: empty for a fixed number, None for anything else."""
    if upper.is_Integer:
        return ""
    if isinstance(upper, sp.Indexed):
        numbers = ",".join(str(lowering.integer(i, env)) for i in upper.indices)
        return f"{upper.base.label}[{numbers}]"
    if upper.is_Symbol and upper.name in lowering.sizes:
        return str(upper.name)
    return None
