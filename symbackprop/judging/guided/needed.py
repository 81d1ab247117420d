"""What each part of a formula would have to be worth, for the whole to have the value it should.

From the whole to its parts: a term is the sum less the other terms, a factor the product over the
other factors, and so on, at a few sample points at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from symbackprop.formula import tree as t
from symbackprop.judging.screening import Screen

Numbers = list[float]
Make = Callable[[t.Formula], t.Formula]
Down = Callable[[Numbers], Numbers | None]
TINY = 1e-11
NEAR = 1e-5


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a formula: its values, the values it needs, and the whole with another part there.

    inside: the kind of the node that holds it.
    """

    node: t.Formula
    values: Numbers
    needed: Numbers
    whole: Callable[[t.Formula], t.Formula]
    inside: type[t.Formula] | None


class Solver:
    """The places of one wrong formula."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.worlds = screen.worlds()
        self.target = self.values(screen.left)
        self._known: dict[int, Numbers | None] = {}

    def values(self, f: t.Formula) -> Numbers | None:
        """The values of a formula at all sample points; None if one of them does not exist."""
        found: Numbers = []
        for world in self.worlds:
            value = self.screen.number(f, world)
            if value is None:
                return None
            found.append(value)
        return found or None

    def places(self) -> Iterator[Place]:
        """All places, the whole formula first; those below a sum sign or an array are left out."""
        if self.target is not None:
            yield from self._below(self.screen.wrong, self.target, lambda new: new, None)

    def _below(
        self,
        f: t.Formula,
        needed: Numbers,
        whole: Callable[[t.Formula], t.Formula],
        inside: type[t.Formula] | None,
    ) -> Iterator[Place]:
        values = self.values(f)
        if values is None:
            # A part without a value (a division by 0) can still be needed: its own parts cannot.
            return
        yield Place(f, values, needed, whole, inside)
        for child, down, make in self._parts(f, values):
            below = down(needed)
            if below is None or not all(math.isfinite(x) for x in below):
                continue

            def outer(new: t.Formula, make: Make = make) -> t.Formula:
                return whole(make(new))

            yield from self._below(child, below, outer, type(f))

    def _parts(self, f: t.Formula, values: Numbers) -> Iterator[tuple[t.Formula, Down, Make]]:
        """(part, from what the node needs to what the part needs, the node with another part)."""
        if isinstance(f, t.Neg):
            yield f.body, partial(_scaled, [-1.0] * len(values)), t.Neg
        elif isinstance(f, t.Add):
            for k, term in enumerate(f.terms):
                own = self.values(term)
                if own is not None:
                    gap = [o - v for o, v in zip(own, values, strict=True)]
                    yield term, partial(_moved, gap), partial(_with_term, f, k)
        elif isinstance(f, t.Mul):
            for k, factor in enumerate(f.factors):
                rest = self.values(t.mul(*f.factors[:k], *f.factors[k + 1 :]))
                if rest is not None:
                    yield factor, partial(_divided, rest), partial(_with_factor, f, k)
        elif isinstance(f, t.Div):
            top, bottom = self.values(f.num), self.values(f.den)
            if top is not None and bottom is not None:
                yield f.num, partial(_scaled, bottom), lambda new: replace(f, num=new)
                yield f.den, partial(_under, top), lambda new: replace(f, den=new)
        elif isinstance(f, t.Pow) and isinstance(f.exponent, t.Num | t.Neg):
            exponent, base = self.values(f.exponent), self.values(f.base)
            if exponent is not None and base is not None and exponent[0]:
                for sign in (1, -1):
                    signed = [sign * b for b in base]
                    down = partial(_root, exponent[0], signed)
                    yield f.base, down, lambda new: replace(f, base=new)
        elif isinstance(f, t.Call) and len(f.args) == 1:
            yield f.args[0], partial(self._inverse, f), lambda new: replace(f, args=(new,))

    def _inverse(self, f: t.Call, needed: Numbers) -> Numbers | None:
        """What the argument must be: by the inverse function, or by a quantity with that image."""
        declared = f.name in self.screen.court.instance.system.function_by_name
        if not declared and not f.primes:
            if f.name == "exp":
                return [math.log(x) for x in needed] if min(needed) > 0 else None
            if f.name in ("log", "ln"):
                return [math.exp(x) for x in needed] if max(needed) < 50 else None
        return self._by_name(f, needed)

    def _by_name(self, f: t.Call, needed: Numbers) -> Numbers | None:
        for leaf in self.leaves():
            image = self.values(replace(f, args=(leaf,)))
            if image is not None and close(image, needed):
                return self.values(leaf)
        return None

    def leaves(self) -> Iterator[t.Formula]:
        """Quantities that a function may be applied to: those of the statement and their like."""
        system = self.screen.court.instance.system
        seen = [n for f in (self.screen.left, self.screen.wrong) for n in f.walk()]
        tuples = list(dict.fromkeys(n.indices for n in seen if isinstance(n, t.Ref)))
        for q in system.quantities:
            if q.role in ("target", "cost", "constant"):
                continue
            if not q.axes:
                yield t.Ref(q.name)
            for indices in tuples:
                if len(indices) == len(q.axes) > 0:
                    yield t.Ref(q.name, indices)


def close(a: Sequence[float], b: Sequence[float]) -> bool:
    """The same numbers, one by one, as far as a difference of large numbers lets us know."""
    return all(math.isclose(x, y, rel_tol=NEAR, abs_tol=1e-10) for x, y in zip(a, b, strict=True))


def _moved(gap: Numbers, needed: Numbers) -> Numbers | None:
    return [n + g for n, g in zip(needed, gap, strict=True)]


def _scaled(factor: Numbers, needed: Numbers) -> Numbers | None:
    return [n * x for n, x in zip(needed, factor, strict=True)]


def _divided(rest: Numbers, needed: Numbers) -> Numbers | None:
    if any(abs(r) < TINY for r in rest):
        return None
    return [n / r for n, r in zip(needed, rest, strict=True)]


def _under(top: Numbers, needed: Numbers) -> Numbers | None:
    return _divided(needed, top)


def _root(exponent: float, signed: Numbers, needed: Numbers) -> Numbers | None:
    """The base with that power and these signs."""
    if any(x <= 0 for x in needed):
        return None
    try:
        return [math.copysign(x ** (1 / exponent), b) for x, b in zip(needed, signed, strict=True)]
    except OverflowError:
        return None


def _with_term(f: t.Add, k: int, new: t.Formula) -> t.Formula:
    return t.add(*f.terms[:k], new, *f.terms[k + 1 :])


def _with_factor(f: t.Mul, k: int, new: t.Formula) -> t.Formula:
    return t.mul(*f.factors[:k], new, *f.factors[k + 1 :])
