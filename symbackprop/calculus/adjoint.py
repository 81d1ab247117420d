"""The adjoint System: what the reverse sweep of a System yields, and the record of how.

For every quantity v, latest first:  dJ/dv = sum over equations u that use v of  dJ/du * du/dv.
`d.v` names dJ/dv. The record (Contribution) is what the narrator tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symbackprop.system.model import Equation, Quantity, System

Range = tuple[sp.Symbol, sp.Expr, sp.Expr]
Case = tuple[tuple[Range, ...], sp.Expr]


@dataclass(frozen=True, slots=True)
class Contribution:
    """One equation u[ui] = rhs that uses v: its share of dJ/dv[vi].

    consumer     the equation, its index letters renamed apart from v's
    local        d rhs / d v[vi], KroneckerDelta's not yet contracted
    summed       ranges of the consumer's letters (what the chain rule sums over)
    remaining    the ranges that are left after contraction
    contracted   d.u[...] * local, deltas contracted, sums that are left written as Sum
    guard        ranges of v's letters for which this contribution exists (after shifted indices are
                 solved); an equation whose terms have different guards gives one contribution each
    """

    consumer: Equation
    local: sp.Expr
    summed: tuple[Range, ...]
    remaining: tuple[Range, ...]
    contracted: sp.Expr
    guard: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Adjoint:
    """dJ/dv at the letters `indices`: by cases, each a guard and an expression.

    cases: ((guard ranges, expression), ...): disjoint, together covering all of v's range; where
    contributions overlap on part of the range, it is split (start and step of a recursion).
    """

    quantity: Quantity
    indices: tuple[sp.Symbol, ...]
    contributions: tuple[Contribution, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class AdjointSystem:
    """All adjoints, in an order in which they can be computed (cost first)."""

    system: System
    adjoints: tuple[Adjoint, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Adjoint]:
        return {adjoint.quantity.name: adjoint for adjoint in self.adjoints}

    def of(self, name: str) -> Adjoint:
        """The adjoint of the quantity `name`. Raises KeyError."""
        return self.by_name[name]

    def expanded(self, name: str) -> sp.Expr:
        """dJ/d name at its canonical letters with every adjoint written out.

        Raises UnsupportedForm for a quantity whose adjoint is a recursion over layers or time.
        """
        from symbackprop.calculus.expanded import expanded

        return expanded(self, name)
