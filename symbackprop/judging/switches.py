"""Cases: the signs of switches, one case after the other or all at once by indicators."""

from __future__ import annotations

from typing import Any

from symbackprop.judging.clock import Deadline
from symbackprop.judging.numbers import sign_holds
from symbackprop.judging.polynomials import Polynomials, Val
from symbackprop.judging.problems import Undefined


class NeedScale(Exception):
    """Begin anew: `scales` now holds something that was not known before.

    A term of an exponent has a fractional coefficient, so that its atom must be a root of the present one;
    or a switch is one at which a derivative is taken, so that it is never 0.
    """


class NeedSign(Exception):
    """A switch whose sign the present case does not fix."""


class Switches(Polynomials):
    """The polynomials whose signs decide between cases.

    signs: those of the present case, by number. With indicators a switch k has atoms e_+ and e_- that are 1
    where it is positive and negative; what holds as a polynomial of them, with e^2 = e and e_+ e_- = 0,
    holds in every case. Nothing may be divided by such a polynomial: it could be 0 in one case.
    """

    def __init__(
        self, size: int, deadline: Deadline, signs: tuple[int, ...], scales: dict[Any, int]
    ) -> None:
        super().__init__(size, deadline)
        self.signs = signs
        self.scales = scales
        self.switches: list[Any] = []

    def sign(self, value: Val) -> int:
        """The sign of a value in the present case. Raises NeedSign."""
        poly, _ = self.reduced(value)
        if poly == 0:
            return 0
        sign, product = self._switched(value)
        if product == 1:
            return sign
        k = self._switch(product)
        if k >= len(self.signs):
            raise NeedSign
        return sign * self.signs[k]

    def _switched(self, value: Val) -> tuple[int, Any]:
        """A value that is not 0 as a sign and a product of bases of the same sign as the rest of it."""
        poly, powers = self.reduced(value)
        lead, found = self.split(poly)
        for b, e in powers.items():
            found[b] = found.get(b, 0) + e
        product, sign = self.unit, 1 if lead > 0 else -1
        for b, e in sorted(found.items()):
            if e % 2 and not self.base_is_positive(b):
                product = self.times(product, self.bases[b])
            elif e and not self.base_is_positive(b):
                product = self.times(product, self.bases[b] ** 2)
        return sign, product

    def _switch(self, product: Any) -> int:
        """The number of a switch: a polynomial whose sign decides between cases."""
        k = next((k for k, known in enumerate(self.switches) if known == product), -1)
        if k < 0:
            k = len(self.switches)
            self.switches.append(product)
        return k

    # --- all cases at once ----------------------------------------------------------------------

    def indicator(self, value: Val, relation: str, is_open: bool) -> Any:
        """1 where `value relation 0`, else 0, as a polynomial of the indicators of its switch."""
        if self.reduced(value)[0] == 0:
            sign, product = 0, self.unit
        else:
            sign, product = self._switched(value)
        if product == 1:
            if is_open and sign == 0:
                raise Undefined("no derivative at a kink")
            return self.unit if sign_holds(sign, relation) else self.nil
        k = self._switch(product)
        kink = "kink", str(product)
        if is_open and kink not in self.scales:
            self.scales[kink] = 1  # this switch is never 0 where the claim is looked at
            raise NeedScale
        positive = self._at_sign(k, 1)
        negative = self.unit - positive if kink in self.scales else self._at_sign(k, -1)
        zero = self.unit - positive - negative
        cases = ((sign, positive), (-sign, negative), (0, zero))
        return sum((e for s, e in cases if sign_holds(s, relation)), self.nil)

    def _at_sign(self, k: int, sign: int) -> Any:
        gen = self.atom(("sign", k, sign))
        self.indicators[k, sign] = gen
        self.discrete[gen] = 1
        return self.gens[gen]

    def at_zero(self, poly: Any, k: int, positive: int, negative: int) -> Any:
        """The polynomial with switch k put 0 where that switch is 0.

        P = P_+ e_+ + P_- e_- + P_0 (1 - e_+ - e_-), and of P_0 only the remainder counts.
        """
        parts: dict[tuple[int, int], dict[Any, Any]] = {}
        for monom, c in poly.to_dict().items():
            low = list(monom)
            low[positive] = low[negative] = 0
            parts.setdefault((monom[positive], monom[negative]), {})[tuple(low)] = c
        up, down, rest = (
            self.ctx.from_dict(parts.get(key, {})) for key in ((1, 0), (0, 1), (0, 0))
        )
        remainder = divmod(rest, self.switches[k])[1]
        if remainder == rest:
            return poly
        high, below = self.gens[positive], self.gens[negative]
        more = self.times(up + rest - remainder, high) + self.times(down + rest - remainder, below)
        return remainder + more
