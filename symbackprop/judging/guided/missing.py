"""Missing factors and terms, by the numbers: quotients and differences looked up among atoms."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.formula import tree as t
from symbackprop.judging.guided.atoms import TIERS, Atoms
from symbackprop.judging.guided.needed import Place, Solver
from symbackprop.judging.guided.siblings import siblings
from symbackprop.judging.guided.table import Table
from symbackprop.judging.screening import Screen

SCALES: tuple[tuple[float, t.Formula | None], ...] = (
    (1.0, None), (2.0, t.Num("2")), (0.5, t.Div(t.ONE, t.Num("2"))),
)  # fmt: skip
MOST_FACTORS = 9
"""Of longer products no parts are looked at."""
MOST = 12
"""So many suggestions of one tier are enough."""


class Guide:
    """Looks for what is missing in the wrong side of one statement."""

    def __init__(self, screen: Screen, letters: tuple[t.Formula, ...]) -> None:
        self.solver = Solver(screen)
        self.atoms = Atoms(self.solver, letters)
        self.places: list[Place] = list(self.solver.places())

    def factors(self) -> Iterator[t.Formula]:
        """The formula with one more factor at some place."""
        for k in range(TIERS):
            found = False
            for f in self._factors(self.atoms.tier(k)):
                found = found or self._fits(f)
                yield f
            if found:
                return

    def _fits(self, f: t.Formula) -> bool:
        """Whether the numbers of the whole agree: those of a small part are not exact."""
        return self.solver.screen.ratio(self.solver.screen.left, f) is not None

    def _factors(self, table: Table) -> Iterator[t.Formula]:
        for place in self.places:
            # A factor of a product is found at the product itself; a number is no place for one.
            if place.inside is t.Mul or isinstance(place.node, t.Num):
                continue
            if any(abs(v) < 1e-9 for v in place.values):
                continue
            quotient = [n / v for n, v in zip(place.needed, place.values, strict=True)]
            for sign, atom in self._lookup(table, quotient):
                if sign < 0 and isinstance(atom, t.Add):
                    yield place.whole(t.mul(place.node, turned(atom)))
                elif sign > 0 or place.inside is None:
                    # The opposite factor is two edits: the search mends a sign besides.
                    yield place.whole(t.mul(place.node, atom))

    def terms(self) -> Iterator[t.Formula]:
        """The formula with one more term at some place."""
        for table in self._tables():
            found = False
            for place in self._for_terms():
                gap = [n - v for n, v in zip(place.needed, place.values, strict=True)]
                for sign, atom in self._lookup(table, gap):
                    term = t.sub(place.node, atom) if sign < 0 else t.add(place.node, atom)
                    new = place.whole(term)
                    found = found or self._fits(new)
                    yield new
                    # 1 - a and the like: the term may have stood before
                    if not isinstance(place.node, t.Add) and sign > 0:
                        yield place.whole(t.add(atom, place.node))
            if found:
                return

    def _for_terms(self) -> Iterator[Place]:
        """All places but the terms of a sum, which lack what the sum lacks; parts of products too."""
        for place in self.places:
            if place.inside is not t.Add:
                yield place
            if isinstance(place.node, t.Mul) and len(place.node.factors) <= MOST_FACTORS:
                yield from self._parts_of(place, place.node.factors)

    def _parts_of(self, place: Place, factors: tuple[t.Formula, ...]) -> Iterator[Place]:
        for i in range(len(factors)):
            for j in range(i + 2, len(factors) + 1):
                if j - i == len(factors):
                    continue
                part = t.mul(*factors[i:j])
                values = self.solver.values(part)
                if values is None or any(abs(v) < 1e-9 for v in (*values, *place.values)):
                    continue
                needed = [
                    n / w * v for n, w, v in zip(place.needed, place.values, values, strict=True)
                ]

                def whole(new: t.Formula, i: int = i, j: int = j) -> t.Formula:
                    return place.whole(t.mul(*factors[:i], new, *factors[j:]))

                yield Place(part, values, needed, whole, t.Mul)

    def _tables(self) -> Iterator[Table]:
        """Where a missing term is looked up; a table is made when those before it had nothing."""
        for k in (0, 1, 2):
            yield self.atoms.tier(k)
        yield siblings(self.solver, self.atoms)
        for k in (3, 4):
            yield self.atoms.tier(k)

    def _lookup(self, table: Table, numbers: list[float]) -> Iterator[tuple[int, t.Formula]]:
        count = 0
        for scale, constant in SCALES:
            for sign, atom in table.find([x / scale for x in numbers]):
                yield sign, atom if constant is None else t.mul(constant, atom)
                count += 1
                if count >= MOST:
                    return


def turned(f: t.Add) -> t.Formula:
    """b - a for a - b."""
    terms = [x.body if isinstance(x, t.Neg) else t.Neg(x) for x in f.terms]
    return t.add(*sorted(terms, key=lambda x: isinstance(x, t.Neg)))
