"""Known equalities put into a formula, all in one go: no value is substituted into a value."""

from __future__ import annotations

from collections import Counter

from .knowledge import Known
from .normal_form import ZERO, N, negative, split, terms


class Substitution:
    """Whether a is b with known equalities put in."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.seen: dict[tuple[N, N, int], bool] = {}

    def leads(self, b: N, a: N, depth: int = 0) -> bool:
        found = self.seen.get((b, a, depth))
        if found is None:
            self.seen[b, a, depth] = False
            found = self.seen[b, a, depth] = self._leads(b, a, depth)
        return found

    def _leads(self, b: N, a: N, depth: int) -> bool:
        if b == a or a in self.known.values(b, depth):
            return True
        if b[0] == "mul" or a[0] == "mul":
            sign, nums, dens = split(b)
            if self._product(sign, list(nums), list(dens), split(a), depth):
                return True
        if b[0] == "add" or a[0] == "add":
            return self._sum(list(terms(b)), list(terms(a)), depth)
        if b[0] == "sum" and a[0] == "sum":
            return b[1] == a[1] and self.leads(b[2], a[2], depth + 1)
        if b[0] == "sum" and a[0] == "mul" and a[1] == -1 and [x[0] for x in a[2]] == ["sum"]:
            inner = a[2][0]
            return not a[3] and b[1] == inner[1] and self.leads(b[2], negative(inner[2]), depth + 1)
        if b[0] == "mat" or a[0] == "mat":
            return self._matrices(
                b[1] if b[0] == "mat" else (b,), a[1] if a[0] == "mat" else (a,), depth
            )
        if b[0] != a[0] or len(b) != len(a) or b[0] in ("mul", "add", "sum", "lin", "ref", "arr"):
            return False
        return all(
            x == y or (isinstance(x, tuple) and isinstance(y, tuple) and self._parts(x, y, depth))
            for x, y in zip(b, a, strict=True)
        )

    def _parts(self, b: N, a: N, depth: int) -> bool:
        if b and a and isinstance(b[0], str) and isinstance(a[0], str):
            return self.leads(b, a, depth)
        return len(b) == len(a) and all(self._parts(x, y, depth) for x, y in zip(b, a, strict=True))

    def _product(
        self,
        sign: int,
        nums: list[N],
        dens: list[N],
        target: tuple[int, tuple[N, ...], tuple[N, ...]],
        depth: int,
    ) -> bool:
        """Each factor of b stays, becomes a known value, or is led to a factor of a; all of a is used up."""
        goal, top, bottom = target[0], Counter(target[1]), Counter(target[2])

        def take(value: N, upside: bool) -> tuple[int, Counter[N], Counter[N]] | None:
            s, over, under = split(value)
            if not upside:
                over, under = under, over
            used, below = Counter(over), Counter(under)
            if value == ZERO or used - top or below - bottom:
                return None
            return s, used, below

        def go(sign: int, nums: list[N], dens: list[N]) -> bool:
            if not nums and not dens:
                return sign == goal and not +top and not +bottom
            upside = bool(nums)
            first, *rest = nums or dens
            following = (rest, dens) if upside else ([], rest)
            for value in (first, *self.known.values(first, depth)):
                used = take(value, upside)
                if used is None:
                    continue
                s, over, under = used
                top.subtract(over), bottom.subtract(under)
                if go(sign * s, *following):
                    return True
                top.update(over), bottom.update(under)
            if upside:
                for members, value in self.known.groups(first, rest, depth):
                    used = take(value, True)
                    if used is None:
                        continue
                    s, over, under = used
                    left = list((Counter(rest) - Counter(members)).elements())
                    top.subtract(over), bottom.subtract(under)
                    if go(sign * s, left, dens):
                        return True
                    top.update(over), bottom.update(under)
            side = top if upside else bottom
            for other in [x for x, n in side.items() if n > 0]:
                for s, x in ((1, other), (-1, negative(other))):
                    if (
                        (s == 1 or other[0] in ("add", "sum"))
                        and first[0] not in ("lin", "num")
                        and self.leads(first, x, depth)
                    ):
                        side[other] -= 1
                        if go(sign * s, *following):
                            return True
                        side[other] += 1
            return False

        return go(sign, nums, dens)

    def _sum(self, one: list[N], two: list[N], depth: int) -> bool:
        if not one:
            return not two
        first, *rest = one
        for i, other in enumerate(two):
            if self.leads(first, other, depth) and self._sum(rest, two[:i] + two[i + 1 :], depth):
                return True
        s, nums, dens = split(first)
        alone = nums[0] if len(nums) == 1 and not dens else first
        for value in self.known.values(alone, depth):
            parts = Counter(terms(value if s == 1 else negative(value)))
            if not parts - Counter(two) and self._sum(
                rest, list((Counter(two) - parts).elements()), depth
            ):
                return True
        for members, value in self.known.sums(first, rest):
            parts = Counter(terms(value))
            left = list((Counter(rest) - Counter(members)).elements())
            if not parts - Counter(two) and self._sum(
                left, list((Counter(two) - parts).elements()), depth
            ):
                return True
        zero = any(ZERO in self.known.values(x, depth) for x in nums)
        return zero and self._sum(rest, two, depth)

    def _matrices(self, one: tuple[N, ...], two: tuple[N, ...], depth: int) -> bool:
        """In order: each factor becomes a run of factors."""
        if not one or not two:
            return not one and not two
        for i in range(1, len(two) - len(one) + 2):
            run = two[0] if i == 1 else ("mat", two[:i])
            if self.leads(one[0], run, depth) and self._matrices(one[1:], two[i:], depth):
                return True
        return False
