"""Systems whose equations are the same at every layer (or time), up to a shift.

A network of any depth L, or a recurrence over T times, is a ladder if every index on the layer axis is
a letter plus a number, a number, or L plus a number, and every range and condition of a layer letter is
bounded by such. Then which terms an entry's equation has, and which equations use an entry, is decided by
comparing its layer with numbers and with L plus numbers: away from both ends all layers look alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from symbackprop.judging.problems import Refused
from symbackprop.system.model import Equation, Quantity, System

DEEP = ("layer", "time")
ZERO, LATER, FREE = "in the same layer", "later", "by what has no layer"


@dataclass(slots=True)
class Ends:
    """Layers up to `low`, and the last `high` ones (above L - high), may differ from those in between.

    That is so where a layer is compared with a number or with L plus a number: at the end of a range, at a
    base case, in a condition.
    """

    low: int = 0
    high: int = 0

    def begin(self, top: bool, number: int) -> None:
        """A range from a layer on: the layers before it differ."""
        self._note(top, number, number - 1)

    def end(self, top: bool, number: int) -> None:
        """A range up to a layer: the layers behind it differ."""
        self._note(top, number + 1, number)

    def at(self, top: bool, number: int) -> None:
        """A single layer that differs."""
        self._note(top, number, number)

    def _note(self, top: bool, first: int, last: int) -> None:
        if top:
            self.high = max(self.high, 1 - first)
        else:
            self.low = max(self.low, last)


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is known of the layers of a system.

    size: the name of the depth L. axes: quantity -> which of its axes is the layer. step: the largest
    distance of two layers in one equation, leap: in one that holds a function. ends: which layers differ
    from those in between. forward: no equation reads a later layer. arrows: user by used quantity, with
    the number of layers between them (None: not a fixed number).
    """

    size: str
    axes: Mapping[str, int]
    step: int
    leap: int
    ends: Ends
    forward: bool
    arrows: Mapping[str, tuple[tuple[str, int | None], ...]]
    _reached: dict[str, frozenset[tuple[str, str]]]

    def place(self, name: str, indices: tuple[int, ...]) -> int | None:
        """The layer of an entry; None if it has none."""
        axis = self.axes.get(name)
        return None if axis is None else indices[axis]

    def reaches(self, start: str, end: str, gap: int | None) -> bool:
        """Whether `end` may be computed from `start`, `gap` layers further up (None: unknown).

        Decided by the sign of the gap alone, so the answer is the same in all networks.
        """
        ways = {way for name, way in self._from(start) if name == end}
        if gap is None or FREE in ways:
            return bool(ways)
        return LATER in ways if gap > 0 else ZERO in ways if gap == 0 else False

    def _from(self, start: str) -> frozenset[tuple[str, str]]:
        found = self._reached.get(start)
        if found is None:
            seen = set[tuple[str, str]]()  # without the start, unless a way leads back to it
            stack = [(start, ZERO)]
            while stack:
                name, way = stack.pop()
                for user, gap in self.arrows.get(name, ()):
                    # A step down makes the total unknown.
                    free = way == FREE or gap is None or gap < 0
                    state = (user, FREE if free else LATER if gap or way == LATER else ZERO)
                    if state not in seen:
                        seen.add(state)
                        stack.append(state)
            found = frozenset(seen)
            self._reached[start] = found
        return found


def ladder(system: System, size: str) -> Ladder:
    """The system as a ladder in `size`. Raises Refused."""
    return _Reader(system, size).ladder()


def layer_axis(q: Quantity) -> int | None:
    """Which axis of a quantity counts layers or times."""
    found = [k for k, a in enumerate(q.axes) if a.kind in DEEP]
    if len(found) > 1:
        raise Refused("two axes of layers")
    return found[0] if found else None


class _Reader:
    def __init__(self, system: System, size: str) -> None:
        self.system = system
        self.size = size
        self.axes: dict[str, int] = {}
        self.step = self.leap = 0
        self.ends = Ends()
        self.arrows: dict[str, set[tuple[str, int | None]]] = {}

    def ladder(self) -> Ladder:
        for q in self.system.quantities:
            self._axes(q)
        for e in self.system.equations:
            self._equation(e)
        arrows = {k: tuple(v) for k, v in self.arrows.items()}
        gaps = [gap for users in arrows.values() for _, gap in users if gap is not None]
        forward = all(gap >= 0 for gap in gaps)
        return Ladder(self.size, self.axes, self.step, self.leap, self.ends, forward, arrows, {})

    def _axes(self, q: Quantity) -> None:
        axis = layer_axis(q)
        letters: set[str] = set()
        if axis is not None:
            self.axes[q.name] = axis
            letters = {q.axes[axis].index.name}
            if not q.axes[axis].lower.is_Integer:
                raise Refused("an axis of layers that begins at no number")
            if self._range(q.axes[axis].lower, q.axes[axis].upper)[1] != self.size:
                raise Refused("an axis of layers that does not end with the depth")
        for k, one in enumerate(q.axes):
            if k != axis:
                self._width(one.lower, letters)
                self._width(one.upper, letters)

    def _width(self, bound: Any, letters: set[str]) -> None:
        """A bound of an axis that is no layer: a number, a size or a width s[l+c]."""
        if isinstance(bound, sp.Indexed):
            for i in bound.indices:
                self._place(i, letters)
        elif self.size in _names(bound) or _names(bound) & letters:
            raise Refused("a width that counts layers")

    def _range(self, lower: Any, upper: Any, letters: set[str] = frozenset()) -> tuple[str, str]:  # type: ignore[assignment]
        """What the ends of a range of layers are counted from."""
        first, last = self._place(lower, letters), self._place(upper, letters)
        if first[0] in ("", self.size):
            self.ends.begin(first[0] == self.size, first[1])
        if last[0] in ("", self.size):
            self.ends.end(last[0] == self.size, last[1])
        return first[0], last[0]

    def _place(self, index: Any, letters: set[str]) -> tuple[str, int]:
        """A layer index: (letter or depth or '', number). Raises Refused."""
        constant, base = 0, ""
        for term in sp.Add.make_args(sp.expand(index)):
            if term.is_Integer:
                constant += int(term)
            elif term.is_Symbol and not base and term.name in letters | {self.size}:
                base = term.name
            else:
                raise Refused("a layer index that is no letter plus a number")
        return base, constant

    # --- equations ------------------------------------------------------------------------------

    def _equation(self, e: Equation) -> None:
        axis = self.axes.get(e.target)
        own: set[str] = set()
        places: dict[str, list[int]] = {}
        target: tuple[str, int] | None = None
        if axis is not None:
            index = e.indices[axis]
            own = {s.name for s in index.free_symbols if s.name != self.size}
            target = self._place(index, own)
            self._note(target, places)
        for letter, lower, upper in e.ranges:
            if letter.name in own:
                self._range(lower, upper)
            else:
                self._width(lower, own)
                self._width(upper, own)
        for k, i in enumerate(e.indices):
            if k != axis and _names(i) & (own | {self.size}):
                raise Refused("a layer letter on another axis")
        self._body(e, e.rhs, own, target, places)
        widest = max([0, *(max(c) - min(c) for c in places.values())])
        self.step = max(self.step, widest)
        if functional(e.rhs):
            self.leap = max(self.leap, widest)

    def _body(
        self,
        e: Equation,
        rhs: Any,
        own: set[str],
        target: tuple[str, int] | None,
        places: dict[str, list[int]],
    ) -> None:
        letters = set(own)
        sums = list(rhs.atoms(sp.Sum))
        for s in sums:
            letters |= {x.name for x, _, _ in s.limits if self._is_layer(x, s.function)}
        for s in sums:
            for x, lower, upper in s.limits:
                if x.name in letters:
                    self._range(lower, upper, letters)
                    for bound in (lower, upper):
                        base, constant = self._place(bound, letters)
                        if base in letters:
                            places.setdefault(base, []).append(constant)
                else:
                    self._width(lower, letters)
                    self._width(upper, letters)
        for condition in rhs.atoms(Relational, sp.KroneckerDelta):
            sides = condition.args[:2]
            if any(_names(_numbers(x)) & (letters | {self.size}) for x in sides):
                for side in sides:
                    base, constant = self._place(side, letters)
                    places.setdefault(base, []).append(constant)
                    self.ends.at(False, abs(constant))
                    self.ends.at(True, -abs(constant))
        for name, indices in _used(rhs):
            q = self.system.by_name.get(name)
            if q is None:
                for i in indices:
                    if _names(i) & (letters | {self.size}):
                        self._place(i, letters)
                continue
            axis = self.axes.get(name)
            source: tuple[str, int] | None = None
            for k, i in enumerate(indices):
                if k == axis:
                    source = self._place(i, letters)
                    self._note(source, places)
                elif _names(i) & (letters | {self.size}):
                    raise Refused("a layer letter on another axis")
            fixed = target is not None and source is not None and target[0] == source[0]
            gap = target[1] - source[1] if fixed and target and source else None
            self.arrows.setdefault(name, set()).add((e.target, gap))

    def _note(self, place: tuple[str, int], places: dict[str, list[int]]) -> None:
        base, constant = place
        places.setdefault(base, []).append(constant)
        if base in ("", self.size):
            self.ends.at(base == self.size, constant)

    def _is_layer(self, letter: sp.Symbol, body: Any) -> bool:
        """Whether a letter of a sum runs over layers."""
        for name, indices in _used(body):
            axis = self.axes.get(name)
            q = self.system.by_name.get(name)
            if axis is not None and letter in indices[axis].free_symbols:
                return True
            if q is None and any(letter in i.free_symbols for i in indices):
                return True  # a width s[l]
        return False


def _used(expression: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every entry and width in an expression; scalars too."""
    inside: set[Any] = set()
    for a in expression.atoms(sp.Indexed):
        inside |= {a.base.label}
        yield str(a.base.label), tuple(a.indices)
    for s in expression.free_symbols:
        if s.is_Symbol and s not in inside:
            yield s.name, ()


@lru_cache(maxsize=4096)
def functional(rhs: Any) -> bool:
    """Whether the right side of an equation holds a function or a power, or is a plain copy."""
    if rhs.is_Symbol or isinstance(rhs, sp.Indexed):
        return True
    found = rhs.atoms(sp.Function, AppliedUndef, sp.Piecewise, sp.Pow)
    return any(not isinstance(f, sp.KroneckerDelta) for f in found)


def _numbers(expression: Any) -> Any:
    """The expression with its entries replaced: what is left are numbers."""
    return expression.xreplace({a: sp.Dummy() for a in expression.atoms(sp.Indexed)})


def _names(expression: Any) -> set[str]:
    return {s.name for s in expression.free_symbols if s.is_Symbol}


__all__ = ["DEEP", "Ends", "Ladder", "functional", "ladder", "layer_axis"]
