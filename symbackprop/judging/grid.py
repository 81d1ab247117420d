"""The sizes at which the rule for all sizes asks for proofs (see `all_sizes`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from symbackprop.judging.problems import Refused
from symbackprop.judging.spread import KEYS

MOST_SIZES = 160
"""More choices of sizes than this are not tried."""


@dataclass(frozen=True, slots=True)
class Count:
    """Numbers of indices by size: of a term (`count`), what facts and sizes as numbers add to it (`extra`), of
    a term of a sum inside a function (`inside`); `free`: the sizes that every term has a free letter of.
    """

    count: Mapping[str, int]
    extra: Mapping[str, int]
    inside: Mapping[str, int]
    free: frozenset[str]

    def of(self, key: str) -> int:
        return self.count.get(key, 0) + self.extra.get(key, 0)


def grid(keys: list[str], count: Count, fixed: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """The sizes at which the rule asks for a proof, small ones first. Raises Refused for too many."""
    held = {k: max(fixed.get(k, 0), count.inside.get(k, 0)) for k in keys}
    first = {k: max(1, fixed.get(k, 0)) for k in keys}
    tops = {
        k: held[k] + count.of(k)
        if k in fixed or held[k] > 1
        else max(1, count.of(k) + (k not in count.free))
        for k in keys
    }
    always = [k for k in keys if k in count.free or k in fixed or held[k] > 1]
    others = [k for k in keys if k not in always and tops[k] > 1]
    most = min(len(others), max(0, count.of(KEYS) - sum(k in count.free for k in keys)))
    found: list[dict[str, int]] = []
    for many in range(most + 1):
        for some in combinations(others, many):
            ranges = [range(first[k], tops[k] + 1) for k in always]
            ranges += [range(2, tops[k] + 1) for k in some]
            for sizes in product(*ranges):
                found.append(dict(zip([*always, *some], sizes, strict=True)))
                if len(found) > MOST_SIZES:
                    raise Refused("too many sizes")
    return iter(sorted(found, key=lambda s: sum(s.values())))


__all__ = ["Count", "grid"]
