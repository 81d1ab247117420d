"""Marks: how an instance remembers which index each term of a sum came from.

To conclude from small sizes to all sizes one must know how many different indices a term can carry on
one axis. In a marked instance each term of a sum over i is multiplied by the mark one[i] (which is 1), so
that no index is lost, not even in a sum of ones or after a derivative; and a size that stands as a
number (1/m) stays an atom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from symbackprop.judging.arena import Arena, Condition, Node

if TYPE_CHECKING:
    from symbackprop.judging.lowering import Lowering

ONE = "#one:"
SIZE = "#size:"
GUARD = "#guard"


class Marks:
    """The marks of one instance. `deep` are the names of depths and numbers of times."""

    def __init__(
        self, arena: Arena, sizes: Mapping[str, int], deep: frozenset[str], counting: bool
    ) -> None:
        self.arena = arena
        self.sizes = sizes
        self.deep = deep
        self.counting = counting
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
        node = self.arena.var(SIZE + name)
        self.definition[node] = self.arena.num(self.sizes[name])
        return node

    def guard(self) -> Condition:
        """A condition that is neither true nor false."""
        return (self.arena.var(GUARD), ">")

    def key(self, lowering: Lowering, lower: Any, upper: Any, env: Mapping[str, int]) -> str:
        """The size that a sum runs over; empty for a fixed number of terms."""
        return key_of(lower, upper)(self, lowering, env)


Env = Mapping[str, int]
KeyOf = Callable[[Marks, "Lowering", Env], str]


@lru_cache(maxsize=4096)
def key_of(lower: Any, upper: Any) -> KeyOf:
    """The size that a range runs over, as a function of the letters."""
    letters, bound, whole = _letters(lower, upper), _bound_key(upper), lower == 1

    def key(marks: Marks, lowering: Lowering, env: Env) -> str:
        if marks.deep:
            for name in letters:
                if name in marks.deep:
                    return name
        found = bound(lowering, env)
        if found == "":
            return ""
        if found is None or not whole:
            marks.refuse("a sum over part of an axis")
            return ""
        return found

    return key


def _letters(lower: Any, upper: Any) -> tuple[str, ...]:
    """The letters and sizes that the length of a range depends on; none for a range up to a width."""
    if isinstance(upper, sp.Indexed):
        return ()
    return tuple(sorted(s.name for s in (upper - lower).free_symbols if s.is_Symbol))


def _bound_key(upper: Any) -> Callable[[Lowering, Env], str | None]:
    """The name of the size that a bound is: empty for a fixed number, None for anything else."""
    if upper.is_Integer:
        return lambda lowering, env: ""
    if isinstance(upper, sp.Indexed):
        label = upper.base.label
        return lambda lowering, env: (
            f"{label}[{','.join(str(lowering.integer(i, env)) for i in upper.indices)}]"
        )
    if upper.is_Symbol:
        name = str(upper.name)
        return lambda lowering, env: name if name in lowering.sizes else None
    return lambda lowering, env: None
