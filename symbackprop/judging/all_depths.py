"""When exact proofs at a few small depths prove a claim at every depth L (or for every number T of times).

At depth L, with the claim's layer letter l (if it has one) at a layer, the difference of both sides is a
function F of atoms; an atom belongs to the layers of its indices, a derivative d u / d v to those of both. With
derivatives as atoms (`one_step`) and definitions opened for a bounded number of rounds (`opening`), F is a
sum of terms that are built alike at every depth: which terms there are is decided by comparing layers with
each other, with numbers and with L plus numbers, and only the first `low` and the last `high` layers come out
otherwise than those in between (`ladder`, `layers`). What the claim and the definitions tie to a letter
lies at most `down` layers below and `up` layers above it.

Condition, looked at in a network where the three anchors 0, l and L are farther apart than anything that is
tied together: the layers of every term lie near an anchor, but for those in one window of at most r + 1 layers.

Without such windows. Say that the terms name layers up to `bottom` near 0, and the last `top` + 1 near L. Once
l - down exceeds both low and bottom, F no longer changes when l grows, and its layers near 0 and l do
not meet; so with l + up at the other end. F at (l, L - l) is thus F at the smaller of each and such a bound, with
the layers renamed: the gaps up to the bounds prove all.

With windows, that is, with sums over layers. A window that holds none of the first low and last high
layers (nor one tied to l) is like any other. For contents u v w of a stretch of layers between the
special ones, letters being whole layers with their widths and atoms, with v of at least r layers every window lies
in u v or in v w, so F(u v w) = F(u v) + F(v w) - F(v), all else being fixed. So if F is 0 for all stretches
of up to r + 1 layers it is 0 for all longer ones.

For every one of these depths the claim is proved for all other sizes by `all_sizes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.all_sizes import AllSizes
from symbackprop.judging.arena import Node
from symbackprop.judging.closing import Resolve, sums_inside
from symbackprop.judging.judge import Court
from symbackprop.judging.opening import OPENINGS, Group, Opened, Opening, groups, opened
from symbackprop.judging.problems import OutOfRange, Refused
from symbackprop.judging.spread import Spread

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

FIRST = 3
"""The depth at which an opening is tried out."""
DEEPEST = 120
"""Claims that tie more layers together are not looked at."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which distance from the bottom (0) and from the top (L) a claim must be looked at.

    Without a layer letter only their sum counts, as a depth.
    """

    bottom: int
    top: int


class AllDepths(AllSizes):
    """The rule, for one pair of members."""

    def __init__(self, claim: Claim, left: t.Formula, right: t.Formula) -> None:
        self.ladder = claim.judge.ladder()
        super().__init__(claim, left, right)
        self.layers = self.marked.layers
        self._kept = frozenset[Group]()
        self._opened: dict[tuple[Court, Node, Opening, frozenset[Group]], Opened] = {}

    def openings(self) -> Sequence[object]:
        return OPENINGS

    def resolve(self, court: Court, difference: Node, opening: object) -> Resolve:
        return self._open(court, difference, opening).resolve(court.instance)

    def _open(self, court: Court, difference: Node, opening: object) -> Opened:
        assert isinstance(opening, Opening)
        key = court, difference, opening, self._kept
        if key not in self._opened:
            kept = self._kept if opening.keep else frozenset()
            self._opened[key] = opened(court.instance, difference, opening, kept)
        return self._opened[key]

    def _look_at(self, depth: int, place: Mapping[str, int]) -> None:
        """Finds what the right side names at this depth, the layer letter at `place`."""
        self._kept = frozenset()
        court = self.marked.court(self.sizes(depth, 1), "counting")
        names = {
            g for p in self.marked.pairs(court, place) for g in groups(court.instance, p.right)
        }
        self._kept = frozenset(names)

    def at(self, depth: int, place: Mapping[str, int], opening: object, facts: bool) -> bool:
        self._look_at(depth, place)
        return super().at(depth, place, opening, facts)

    def holds(self, opening: object, facts: bool) -> bool:
        assert isinstance(opening, Opening)
        if not self._first(opening, facts):
            return False
        reach = self._reach(opening)
        deepest = 0
        for depth in range(1, reach.bottom + reach.top + 1):
            for place in self._places(depth, reach):
                try:
                    if not self.at(depth, place, opening, facts):
                        return False
                except OutOfRange:  # so small a network has no such layer
                    continue
                deepest = depth
        # The largest network speaks for all larger ones: the claim may not be empty there.
        return deepest == reach.bottom + reach.top

    def _first(self, opening: Opening, facts: bool) -> bool:
        """A quick look at one small network."""
        sizes = self.sizes(FIRST, 2)
        court = self.marked.court(sizes)
        for place in self.marked.places(court)[-2:]:
            try:
                self._look_at(FIRST, place)
                if not self.at_sizes(sizes, place, opening, facts):
                    return False
            except OutOfRange:
                continue
        return True

    # --- how far terms reach --------------------------------------------------------------------

    def _reach(self, opening: Opening) -> Reach:
        """What the terms of the claim tie together. Raises Refused."""
        letter = self.layers.letter
        low = max(self.ladder.ends.low, self.layers.ends.low)
        high = max(self.ladder.ends.high, self.layers.ends.high)
        # More than any term can tie together by definitions and by the claim itself.
        steps = (opening.sums + opening.steps + 1) * self.ladder.step
        most = self.layers.down + self.layers.up + steps + opening.rounds * self.ladder.leap
        gap = 6 * most + 2 * max(low, high) + 4
        depth = 2 * gap if letter else gap
        if depth > DEEPEST:
            raise Refused("too many layers tied together")
        down, up, masks = self._masks(depth, {letter: gap} if letter else {}, opening)
        down, up = down + self.layers.down, up + self.layers.up
        near = most + max(low, high)
        bottom, top, window = -1, -1, None
        for mask in masks:
            layers = [i for i in range(mask.bit_length()) if mask >> i & 1]
            away = []
            for i in layers:
                if i <= near:
                    bottom = max(bottom, i)
                elif depth - i <= near:
                    top = max(top, depth - i)
                elif not letter or abs(i - gap) > near:
                    away.append(i)
            if away:
                window = max(window or 0, away[-1] - away[0])
        if window is None:
            return Reach(
                max(down, top) + max(low, bottom) + 1, max(up, bottom) + max(high, top + 1)
            )
        if window > 2 * most:
            raise Refused("a product of sums over layers")
        special = down + up + (down + up if letter else 0)
        stretch = special + window + 1
        return Reach(low + stretch, high + (stretch if letter else special))

    def _masks(
        self, depth: int, place: dict[str, int], opening: Opening
    ) -> tuple[int, int, set[int]]:
        """How far definitions lead down and up; the layers of the terms, in a deep network."""
        court = self.marked.court(self.sizes(depth, 1), "counting")
        places = self.marked.places(court)
        if place and place not in places:
            raise Refused("a letter that does not run over all layers")
        self._look_at(depth, place)
        down, up, masks = 0, 0, set[int]()
        for pair in self.marked.pairs(court, place):
            difference = court.instance.arena.sub(pair.left, pair.right)
            open_ = self._open(court, difference, opening)
            down, up = max(down, open_.down), max(up, open_.up)
            resolve = open_.resolve(court.instance)
            closed = sums_inside(court.instance, difference, resolve)
            family = Spread(court.instance, resolve, closed).family(difference)
            masks |= family.get(self.ladder.size, frozenset())
        return down, up, masks

    def _places(self, depth: int, reach: Reach) -> list[dict[str, int]]:
        """The layers of the claim's letter at which the rule asks for proofs."""
        letter = self.layers.letter
        if not letter:
            return [{}]
        court = self.marked.court(self.sizes(depth, 1))
        return [
            place
            for place in self.marked.places(court)
            if place[letter] <= reach.bottom and depth - place[letter] <= reach.top
        ]


__all__ = ["AllDepths"]
