"""Contraction: a Kronecker delta under a sum picks one term.

    sum(k, f[k] * [k = p])            ->  f[p]
    sum(l from 1 to L, f[l] [l-1 = p])  ->  f[p+1]   where 0 <= p <= L-1

An equation between indices is solved for a summed letter, linearly; the range of that letter
becomes a condition on what it was solved to (the guard), left out where it holds anyway. SymPy's
`Sum.doit` does none of this for symbolic bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Range
from symbackprop.calculus.differentiate import Term, summed
from symbackprop.calculus.letters import letters, product, put
from symbackprop.errors import UnsupportedForm


@dataclass(frozen=True, slots=True)
class Contracted:
    """A term without deltas that can be solved: `expr`, its outer `binders`, and its guard.

    `guard` holds a range of each free letter, in the order given to `contract`.
    """

    expr: sp.Expr
    binders: tuple[Range, ...]
    guard: tuple[Range, ...]


def at_most(a: sp.Expr, b: sp.Expr) -> bool:
    """Whether a <= b is certain for all values of the sizes."""
    if a == b:
        return True
    gap = sp.expand(b - a)
    return bool(gap.is_nonnegative)


def below(a: sp.Expr, b: sp.Expr) -> bool:
    """Whether a < b is certain."""
    return a != b and bool(sp.expand(b - a).is_positive)


def solve_index(equal: tuple[sp.Expr, sp.Expr], letter: sp.Symbol) -> sp.Expr | None:
    """The value of `letter` in the equation, if it occurs once, with factor 1 or -1; else None."""
    left, right = equal
    if left == letter and letter not in letters(right):
        return right
    if right == letter and letter not in letters(left):
        return left
    gap = sp.expand(left - right)
    factor = gap.coeff(letter)
    rest = gap - factor * letter
    if factor not in (1, -1) or letter in letters(rest):
        return None
    return sp.expand(-rest / factor)


def contract(term: Term, free: Sequence[Range] = ()) -> Contracted | None:
    """Contract the deltas of a term; None where it vanishes for all values of the free letters."""
    return _Contraction(term, free).run()


class _Contraction:
    def __init__(self, term: Term, free: Sequence[Range]) -> None:
        self.factors = list(term.factors)
        self.deltas = list(term.deltas)
        self.binders = list(term.binders)
        self.free = {letter: (lower, upper) for letter, lower, upper in free}
        self.guard = dict(self.free)
        self.pinned: dict[sp.Expr, sp.Expr] = {}
        self.conditions: list[sp.Basic] = []
        self.unsolved: list[sp.Expr] = []
        self.vanishes = False

    def run(self) -> Contracted | None:
        while self.deltas and not self.vanishes:
            self._solve(self.deltas.pop(0))
        if self.vanishes:
            return None
        body = product((*self.factors, *self.unsolved))
        guard = tuple((letter, *self.guard[letter]) for letter in self.guard)
        return self._finish(body, guard)

    def _solve(self, equal: tuple[sp.Expr, sp.Expr]) -> None:
        if equal[0] == equal[1]:
            return
        involved = letters(equal[0]) | letters(equal[1])
        for place, (letter, lower, upper) in enumerate(self.binders):
            if letter in involved:
                value = solve_index(equal, letter)
                if value is not None:
                    del self.binders[place]
                    self._replace(letter, value)
                    self._within(value, put(lower, self.pinned), put(upper, self.pinned))
                    return
        for letter in self.free:
            if letter in involved:
                value = solve_index(equal, letter)
                if value is not None and not letters(value) & self.free.keys():
                    self._pin(letter, value)
                    return
        delta = sp.KroneckerDelta(*equal)
        self.vanishes = self.vanishes or delta == 0
        self.unsolved.append(delta)

    def _replace(self, letter: sp.Symbol, value: sp.Expr) -> None:
        where = {letter: value}
        self.factors = [put(f, where) for f in self.factors]
        self.deltas = [(put(a, where), put(b, where)) for a, b in self.deltas]
        self.binders = [(x, put(lo, where), put(up, where)) for x, lo, up in self.binders]
        inner: frozenset[sp.Symbol] = frozenset()
        for x, lower, upper in reversed(self.binders):
            inner |= {x}
            if (letters(lower) | letters(upper)) & inner:
                raise UnsupportedForm(f"the range of the summed letter '{x}' depends on itself")

    def _pin(self, letter: sp.Symbol, value: sp.Expr) -> None:
        """A free letter has one value only here: [L = l] leaves l = L."""
        lower, upper = self.guard[letter]
        if below(value, lower) or below(upper, value):
            self.vanishes = True
        self.guard[letter] = (value, value)
        self.pinned[letter] = value

    def _within(self, value: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> None:
        """Demand lower <= value <= upper: narrow the range of one free letter, or a condition."""
        value = put(value, self.pinned)
        if below(value, lower) or below(upper, value):
            self.vanishes = True
            return
        own = [x for x in letters(value) if x in self.free]
        bound = {x for x, _, _ in self.binders} & letters(value)
        if len(own) == 1 and not bound:
            letter = own[0]
            factor = sp.expand(value).coeff(letter)
            offset = sp.expand(value - factor * letter)
            if factor in (1, -1) and letter not in letters(offset):
                ends = sp.expand((lower - offset) / factor), sp.expand((upper - offset) / factor)
                self._narrow(letter, *(ends if factor == 1 else ends[::-1]))
                return
        if not at_most(lower, value):
            self.conditions.append(sp.Ge(value, lower))
        if not at_most(value, upper):
            self.conditions.append(sp.Le(value, upper))

    def _narrow(self, letter: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> None:
        low, high = self.guard[letter]
        if not at_most(lower, put(low, self.pinned)):
            if at_most(low, lower):
                low = lower
            else:
                self.conditions.append(sp.Ge(letter, lower))
        if not at_most(put(high, self.pinned), upper):
            if at_most(upper, high):
                high = upper
            else:
                self.conditions.append(sp.Le(letter, upper))
        self.guard[letter] = (low, high)

    def _finish(self, body: sp.Expr, guard: tuple[Range, ...]) -> Contracted:
        """Write the sums that are left; factors without the summed letters stand before them."""
        if self.conditions:
            inside = sp.Piecewise((body, sp.And(*self.conditions)), (0, True))
            return Contracted(summed(inside, self.binders), tuple(self.binders), guard)
        if not self.binders:
            return Contracted(body, (), guard)
        bound = {letter for letter, _, _ in self.binders}
        factors = sp.Mul.make_args(body)
        outside = [f for f in factors if not letters(f) & bound]
        inside = product(f for f in factors if letters(f) & bound)
        expr = product((*outside, summed(inside, self.binders)))
        return Contracted(expr, tuple(self.binders), guard)
