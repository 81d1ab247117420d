"""Comparing bounds: is this index expression never below, or never above, that bound?

Sizes and widths are whole numbers of at least 1, index letters run over their ranges; all
expressions are affine in both. Everything undecidable counts as not shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

Range = tuple[sp.Symbol, sp.Expr, sp.Expr]


def nonnegative(expression: sp.Expr, ranges: Sequence[Range] = ()) -> bool:
    """Whether `expression` >= 0 for all letters in their ranges (innermost last) and all sizes."""
    lowest = least(expression, ranges)
    return lowest is not None and _nonnegative_for_sizes(lowest)


def least(expression: sp.Expr, ranges: Sequence[Range]) -> sp.Expr | None:
    """The least value over the ranges, in terms of sizes; None if not affine in a letter."""
    value = sp.expand(expression)
    for letter, lower, upper in reversed(ranges):
        if not value.has(letter):
            continue
        if _nonnegative_for_sizes(value):
            return value
        slope = value.coeff(letter, 1)
        rest = sp.expand(value - slope * letter)
        if not slope.is_Integer or rest.has(letter):
            # A letter inside a width, s[l-1]: no bound of l says anything about it.
            return None
        value = sp.expand(slope * (lower if slope > 0 else upper) + rest)
    return value


def _nonnegative_for_sizes(expression: sp.Expr) -> bool:
    """With every size and width written as 1 + t, t >= 0: no negative coefficient is left."""
    if expression.is_Integer:
        return bool(expression >= 0)
    coefficients = expression.as_coefficients_dict()
    constant = sp.Integer(0)
    for term, coefficient in coefficients.items():
        if not coefficient.is_Rational:
            return False
        if term == 1:
            constant += coefficient
            continue
        if not (_is_size(term) and coefficient >= 0):
            return False
        constant += coefficient
    return bool(constant >= 0)


def _is_size(term: sp.Basic) -> bool:
    if isinstance(term, sp.Symbol):
        return bool(term.is_integer and term.is_positive)
    return is_width(term)


def is_width(term: sp.Basic) -> bool:
    """Whether `term` is a width s[l] of a generic network (and no entry of a quantity)."""
    return isinstance(term, sp.Indexed) and bool(term.base.label.is_integer)
