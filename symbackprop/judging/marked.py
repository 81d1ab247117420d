"""A claim in a marked instance: its pairs of entries, with the indices at which they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.judge import Court, cells
from symbackprop.judging.ladder import DEEP
from symbackprop.judging.layers import Layers
from symbackprop.judging.letters import Letters, free_letters
from symbackprop.judging.marks import Marks
from symbackprop.judging.meaning import Arr, Meaning, Value
from symbackprop.judging.problems import Refused
from symbackprop.system.model import ADJOINT, Quantity

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim


@dataclass(frozen=True, slots=True)
class Pair:
    """Left and right of one entry; the marks of its indices; the sizes that these indices count."""

    left: Node
    right: Node
    tags: tuple[Node, ...]
    keys: tuple[str, ...]


class Marked:
    """Two members of a claim, to be looked at in marked instances."""

    def __init__(self, claim: Claim, left: t.Formula, right: t.Formula) -> None:
        self.claim = claim
        self.members = (left, right)
        self.whole = t.Chain(self.members, ("=",))
        self.system = claim.judge.system
        self.layers = Layers(claim, self.members)
        self._known: dict[tuple[Court, tuple[int, ...]], list[Pair] | Refused] = {}
        self.fixed: dict[str, int] = {}
        """Sizes of which the claim singles out indices, 1 up to so many."""
        self._check_indices()

    def court(self, sizes: Mapping[str, int], kind: str = "proving") -> Court:
        """The marked instance at these sizes. Raises Refused where the system allows no conclusion."""
        court = self.claim.judge.court(sizes, kind)
        marks = _marks(court)
        if marks.refused and not court.asked:
            raise Refused(marks.refused)
        court.asked = True
        marks.refused = ""
        return court

    def letters(self, court: Court) -> Letters:
        return Letters(court.instance, self.claim.ranges)

    def places(self, court: Court) -> list[dict[str, int]]:
        """The values of the layer letter at these sizes, [{}] if the claim has none."""
        letter = self.layers.letter
        if not letter:
            return [{}]
        found = self.letters(court).of(letter, self.whole, {})
        return [{letter: i} for i in found or ()]

    def pairs(self, court: Court, place: Mapping[str, int]) -> list[Pair]:
        """All pairs of entries with the layer letter at `place`. Raises Refused, IllFormed."""
        key = court, tuple(place.values())
        found = self._known.get(key)
        if found is None:
            try:
                found = self._pairs(court, place)
            except Refused as refused:
                found = refused
            self._known[key] = found
        if isinstance(found, Refused):
            raise found
        return found

    def _pairs(self, court: Court, place: Mapping[str, int]) -> list[Pair]:
        letters = self.letters(court)
        free = free_letters(self.whole, court.instance.sizes)
        meaning = Meaning(court.instance, self.claim.named, court.layout, letters)
        meaning.constants = set(self.claim.constants)
        meaning.layers = self.layers.letters
        marks = _marks(court)
        found: list[Pair] = []
        for env in letters.assignments(free, self.whole, place):
            keys = {x: letters.key(x, self.whole, env) for x in free if x not in place}
            if not canonical(env, keys, self.fixed):
                continue
            tags = [marks.mark(key, env[x]) for x, key in keys.items() if key]
            counted = [k for k in keys.values() if k]
            a, b = (meaning.of(m, env) for m in self.members)
            found.extend(
                Pair(x, y, (*tags, *more), (*counted, *names))
                for x, y, more, names in _cells(a, b, marks)
            )
        if marks.refused:
            raise Refused(marks.refused)
        return found

    def _check_indices(self) -> None:
        """Notes numbers as indices on axes of a plain size. Raises Refused for others on an open axis."""
        sizes = {s.name for s in self.system.sizes} | set(self.claim.judge.widths)
        for f in self.layers.formulas:
            for node in f.walk():
                if not isinstance(node, t.Ref | t.Array) or node.name in sizes:
                    continue
                q = self.system.by_name.get(node.name.removeprefix(ADJOINT))
                for k, i in enumerate(node.indices):
                    closed = q is not None and k < len(q.axes) and q.axes[k].upper.is_Integer
                    if closed or self.layers.is_layer(node, k):
                        continue
                    size = plain_size(q, k) if isinstance(i, t.Num) else ""
                    if size:
                        self.fixed[size] = max(self.fixed.get(size, 0), int(i.value))  # type: ignore[attr-defined]
                    elif not isinstance(i, t.Idx) or i.name in sizes:
                        raise Refused("a fixed or shifted index")


def plain_size(q: Quantity | None, axis: int) -> str:
    """The size of an axis that runs from 1 to a plain size; empty for any other."""
    if q is None or axis >= len(q.axes) or q.axes[axis].kind in DEEP:
        return ""
    one = q.axes[axis]
    return str(one.upper.name) if one.upper.is_Symbol and one.lower == 1 else ""


def canonical(
    env: Mapping[str, int], keys: Mapping[str, str], fixed: Mapping[str, int] | None = None
) -> bool:
    """Whether the letters of each size take new values in order: the first new one, the next, and so on.

    No index of an open size but the `fixed` ones is singled out anywhere, so any other choice is this one
    up to names.
    """
    highest: dict[str, int] = dict(fixed or {})
    for x, key in keys.items():
        if key:
            if env[x] > highest.get(key, 0) + 1:
                return False
            highest[key] = max(highest.get(key, 0), env[x])
    return True


def _marks(court: Court) -> Marks:
    marks = court.instance.marks
    assert marks is not None
    return marks


def _cells(a: Value, b: Value, marks: Marks) -> list[tuple[Node, Node, list[Node], list[str]]]:
    """Pairs of entries of two values, with a mark for each index of the cell."""
    pairs = cells(a, b)
    if not isinstance(a, Arr) and not isinstance(b, Arr):
        return [(*pairs[0], [], [])]
    shape = a if isinstance(a, Arr) else b
    assert isinstance(shape, Arr)
    other = b if isinstance(b, Arr) else shape
    keys = tuple(x or y for x, y in zip(shape.keys, other.keys, strict=True))
    found = []
    for n, (x, y) in enumerate(pairs):
        places = (n // shape.cols + 1, n % shape.cols + 1)
        tags = [marks.mark(k, i) for k, i in zip(keys, places, strict=True) if k]
        found.append((x, y, tags, [k for k in keys if k]))
    return found


__all__ = ["Marked", "Pair", "canonical", "plain_size"]
