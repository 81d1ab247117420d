"""Polynomials of atoms times powers of bases: the arithmetic of exact values.

A value is P * product of base_i^e_i with polynomials P, base_i over the rationals; bases are not zero
where the formula is defined, so the value is 0 exactly where P is. Atoms with two values (y in {0,1}, and the
indicators of cases) are reduced by y^2 = y.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint

from symbackprop.judging.clock import SPENT, WORK, Deadline
from symbackprop.judging.problems import OverBudget, TooLarge, Undefined

Powers = dict[int, int]
Val = tuple[Any, Powers]
"""(polynomial, {base: exponent})"""

MOST_WORK = 100_000
"""Products of polynomials with more pairs of terms than this are not formed."""


class TooFewAtoms(Exception):
    """The ring has no room for another atom."""


_rings: dict[int, Any] = {}


def _ring(count: int) -> Any:
    found = _rings.get(count)
    if found is None:
        found = flint.fmpq_mpoly_ctx.get([f"v{i}" for i in range(count)], "degrevlex")
        _rings[count] = (found, found.gens(), found.constant(1), found.constant(0))
    return _rings[count]


def frac(q: Any) -> Fraction:
    """A flint rational as a Fraction."""
    return Fraction(int(q.p), int(q.q))


class Polynomials:
    """The atoms and bases of one proof attempt. `size`: for how many atoms there is room."""

    def __init__(self, size: int, deadline: Deadline) -> None:
        self.deadline = deadline
        self.ctx, self.gens, self.unit, self.nil = _ring(size)
        self.atoms: dict[Any, int] = {}
        self.positive: list[bool] = []
        self.bases: list[Any] = []
        self._base_positive: dict[int, bool] = {}
        self.gen_base: dict[int, int] = {}
        self.discrete: dict[int, int] = {}  # gen -> 1: y^2 = y, 2: y^2 = 1
        self.indicators: dict[tuple[int, int], int] = {}  # (switch, sign) -> gen

    # --- atoms and bases ------------------------------------------------------------------------

    def atom(self, key: Any, positive: bool = False) -> int:
        found = self.atoms.get(key)
        if found is None:
            found = len(self.atoms)
            if found >= len(self.gens):
                raise TooFewAtoms
            self.atoms[key] = found
            self.positive.append(positive)
        return found

    def base(self, poly: Any) -> int:
        """The number of a base; `poly` has leading coefficient 1 and no monomial factor, or is an atom."""
        for k, known in enumerate(self.bases):
            if known == poly:
                return k
        self.bases.append(poly)
        return len(self.bases) - 1

    def base_is_positive(self, base: int) -> bool:
        found = self._base_positive.get(base)
        if found is None:
            found = self.is_positive(self.bases[base])
            self._base_positive[base] = found
        return found

    def atom_base(self, gen: int) -> int:
        found = self.gen_base.get(gen)
        if found is None:
            found = self.base(self.gens[gen])
            self.gen_base[gen] = found
        return found

    def is_positive(self, poly: Any) -> bool:
        """All coefficients positive and all atoms known to be positive."""
        for exponents, coefficient in poly.to_dict().items():
            if coefficient <= 0:
                return False
            for gen, e in enumerate(exponents):
                if e % 2 and not self.positive[gen]:
                    return False
        # an even power may be 0: some term must be strictly positive
        return any(all(not e or self.positive[g] for g, e in enumerate(m)) for m in poly.monoms())

    # --- arithmetic -----------------------------------------------------------------------------

    def constant(self, value: Fraction) -> Val:
        return self.ctx.constant(flint.fmpq(value.numerator, value.denominator)), {}

    def times(self, a: Any, b: Any) -> Any:
        WORK.done += 2 + len(a) * len(b) / 20
        if len(a) * len(b) > MOST_WORK:
            raise TooLarge("the polynomials become too large")
        if self.deadline.passed:
            raise OverBudget(SPENT)
        return a * b

    def add(self, values: list[Val]) -> Val:
        if all(not e for _, e in values):
            total = values[0][0]
            for p, _ in values[1:]:
                total = total + p
            return total, {}
        low: Powers = {}
        for base in {b for _, e in values for b in e}:
            low[base] = min(e.get(base, 0) for _, e in values)
        total = self.nil
        for p, e in values:
            for base, least in low.items():
                more = e.get(base, 0) - least
                if more:
                    p = self.times(p, self.raised(base, more))
            total = total + p
        return total, {b: e for b, e in low.items() if e}

    def raised(self, base: int, exponent: int) -> Any:
        poly = self.bases[base]
        if exponent > 1 and len(poly) ** min(exponent, 40) > MOST_WORK:
            raise TooLarge("the polynomials become too large")
        return poly**exponent if exponent > 1 else poly

    def mul(self, values: list[Val]) -> Val:
        total, powers = values[0][0], dict(values[0][1])
        for p, e in values[1:]:
            total = self.times(total, p)
            for base, exponent in e.items():
                powers[base] = powers.get(base, 0) + exponent
        return total, {b: e for b, e in powers.items() if e}

    def split(self, poly: Any) -> tuple[Any, Powers]:
        """A non-zero polynomial as (constant, powers of bases)."""
        lead = poly.leading_coefficient()
        poly = poly / lead
        powers: Powers = {}
        if len(poly) == 1:
            shared = poly.monoms()[0]
        else:
            monoms = poly.monoms()
            shared = tuple(min(column) for column in zip(*monoms, strict=True))
        for gen, e in enumerate(shared):
            if e:
                powers[self.atom_base(gen)] = e
        if any(shared):
            poly = self.ctx.from_dict(
                {
                    tuple(a - b for a, b in zip(m, shared, strict=True)): c
                    for m, c in poly.to_dict().items()
                }
            )
        if len(poly) > 1:
            k = self.base(poly)
            powers[k] = powers.get(k, 0) + 1
        return lead, powers

    def power(self, value: Val, n: int) -> Val:
        poly, powers = value
        if n > 0:
            if len(poly) > 1 and len(poly) ** min(n, 40) > MOST_WORK:
                raise TooLarge("the polynomials become too large")
            return poly**n, {b: e * n for b, e in powers.items()}
        if poly == 0:
            raise Undefined("a division by 0")
        self.no_indicator(poly)
        lead, found = self.split(poly)
        result = {b: e * n for b, e in powers.items()}
        for b, e in found.items():
            result[b] = result.get(b, 0) + e * n
        return self.ctx.constant(lead**n), {b: e for b, e in result.items() if e}

    def reduced(self, value: Val) -> Val:
        """The same value with bases of negative exponent divided out where they divide."""
        poly, powers = value
        if poly == 0:
            return poly, {}
        new = dict(powers)
        for base, e in powers.items():
            while e < 0:
                quotient, rest = divmod(poly, self.bases[base])
                if rest != 0:
                    break
                poly, e = quotient, e + 1
            new[base] = e
        for base, e in list(new.items()):
            if e > 0:
                poly = self.times(poly, self.raised(base, e))
                new[base] = 0
        return poly, {b: e for b, e in new.items() if e}

    def same(self, a: Val, b: Val) -> bool:
        difference = self.add([a, (-b[0], b[1])])
        return bool(difference[0] == 0)

    # --- atoms with two values --------------------------------------------------------------------

    def discretely(self, poly: Any) -> Any:
        """The polynomial with y^2 = y, or y^2 = 1, applied where a fact says so; two signs exclude each other."""
        total: dict[Any, Any] = {}
        signs = self.indicators
        both = [
            (g, signs[k, -1]) for (k, sign), g in signs.items() if sign > 0 and (k, -1) in signs
        ]
        for monom, c in poly.to_dict().items():
            if any(monom[a] and monom[b] for a, b in both):
                continue
            new = list(monom)
            for gen, kind in self.discrete.items():
                new[gen] = min(new[gen], 1) if kind == 1 else new[gen] % 2
            total[tuple(new)] = total.get(tuple(new), flint.fmpq(0)) + c
        return self.ctx.from_dict(total)

    def no_indicator(self, poly: Any) -> None:
        """Nothing is divided by what differs between cases. Raises TooLarge."""
        gens = set(self.indicators.values())
        if gens and any(m[g] for m in poly.monoms() for g in gens):
            raise TooLarge("a division by cases")
