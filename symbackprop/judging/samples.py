"""Sample points: small numbers for the free entries that respect every stated fact.

The same (seed, entry) always gets the same number, so verdicts are reproducible.
"""

from __future__ import annotations

from fractions import Fraction
from zlib import crc32

from symbackprop.judging.arena import Key
from symbackprop.judging.instance import Instance

_H = Fraction(1, 2)
ANY = tuple(Fraction(k, 4) for k in (1, -3, 5, 2, -1, 7, -5, 3, -2, 6, 4, -7, 9, -6, 8, -4))
POSITIVE = tuple(Fraction(k, 4) for k in (1, 3, 5, 2, 7, 9, 6, 4, 11, 8))
UNIT = tuple(Fraction(k, 8) for k in (1, 3, 5, 2, 7, 6, 4))
INSIDE = tuple(Fraction(k, 8) for k in (1, -3, 5, 2, -7, 6, -4, 3, -1))

_POOLS = {
    "positive": POSITIVE,
    "nonnegative": POSITIVE,
    "in (0,1)": UNIT,
    "in [0,1]": UNIT,
    "in {0,1}": (Fraction(1), Fraction(0)),
    "in {-1,1}": (Fraction(1), Fraction(-1)),
    "in (-1,1)": INSIDE,
    "nonzero": ANY,
}


def hashed(text: str) -> int:
    """A fixed pseudo-random number of a text."""
    # crc32 alone is linear: mixing keeps neighbouring indices apart.
    value = crc32(text.encode()) * 2654435761 % 2**32
    return (value ^ value >> 15) * 2246822519 % 2**32 >> 8


class Sample:
    """One choice of numbers for all free entries of an instance."""

    def __init__(
        self, instance: Instance, seed: int, positive: frozenset[str] = frozenset()
    ) -> None:
        self.instance = instance
        self.seed = seed
        self.positive = positive
        self._known: dict[Key, Fraction] = {}

    def value(self, key: Key) -> Fraction:
        found = self._known.get(key)
        if found is None:
            found = self._choose(key)
            self._known[key] = found
        return found

    def _choose(self, key: Key) -> Fraction:
        name = key[0]
        if name in self.positive:
            return self._pick(POSITIVE, key)
        facts = {f.kind: f for f in self.instance.facts(name)}
        if "sums to 1" in facts:
            return self._share(key, facts["sums to 1"].over, "in {0,1}" in facts)
        for kind, pool in _POOLS.items():
            if kind in facts:
                return self._pick(pool, key)
        return self._pick(ANY, key)

    def _pick(self, pool: tuple[Fraction, ...], key: Key) -> Fraction:
        return pool[hashed(f"{self.seed}:{key}") % len(pool)]

    def _share(self, key: Key, over: str, one_hot: bool) -> Fraction:
        """A group of entries that sum to 1: shares of their total, or a single 1."""
        name, indices = key
        group, place = group_of(self.instance, name, indices, over)
        if one_hot:
            rest = indices[:place] + indices[place + 1 :]
            chosen = hashed(f"{self.seed}:{name}:{rest}") % len(group)
            return Fraction(int(group[chosen] == indices))
        weights = {k: 1 + hashed(f"{self.seed}:{name}:{k}") % 7 for k in group}
        return Fraction(weights[indices], sum(weights.values()))


def group_of(
    instance: Instance, name: str, indices: tuple[int, ...], over: str
) -> tuple[list[tuple[int, ...]], int]:
    """The entries that sum to 1 together with the given one, and the position of the index they run over."""
    q = instance.system.by_name[name]
    place = next((k for k, a in enumerate(q.axes) if a.index.name == over), len(q.axes) - 1)
    low, high = instance.bounds(q, place, indices[:place])
    return [(*indices[:place], i, *indices[place + 1 :]) for i in range(low, high + 1)], place
