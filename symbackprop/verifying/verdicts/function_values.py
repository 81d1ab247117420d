"""What functions and their slopes are worth at a number: `σ'(0)` of `σ(z) = 1/(1 + e^{-z})` is 1/4."""

from __future__ import annotations

import sympy as sp

from symbackprop.formula.tree import Call, Chain, Div, Formula, Neg, Num
from symbackprop.system.model import Function
from symbackprop.verifying.verdicts.verifier import Verifier

KINKS = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise)
"""Without a slope at some numbers: what is meant there is a convention."""

DIGITS = 30


def values_of_functions(verifier: Verifier, chain: Chain) -> dict[Formula, Formula]:
    """The slopes in a statement, of functions that the text gives by one smooth formula, at numbers."""
    found: dict[Formula, Formula] = {}
    for n in chain.walk():
        if not isinstance(n, Call) or not n.primes or len(n.args) != 1:
            continue
        at = _number(n.args[0])
        meant = verifier.u.functions.get(n.name, [])
        if at is not None and len(meant) == 1 and (worth := _slope(meant[0], n.primes, at)):
            found[n] = worth
    return found


def _number(f: Formula) -> sp.Rational | None:
    if isinstance(f, Neg):
        below = _number(f.body)
        return None if below is None else -below
    return sp.Rational(f.text) if isinstance(f, Num) else None


def _slope(function: Function, primes: int, at: sp.Rational) -> Formula | None:
    expression = function.expression
    if expression is None or function.constants or expression.has(*KINKS):
        return None
    if expression.free_symbols - {function.variable}:
        return None
    value = sp.diff(expression, function.variable, primes).subs(function.variable, at)
    if value.is_Rational:
        number: Formula = Div(Num(str(abs(value.p))), Num(str(value.q)))
        return Neg(number) if value < 0 else number
    value = sp.N(value, DIGITS)
    if not value.is_Float:
        return None
    number = Num(f"{abs(value):.{DIGITS - 5}f}")
    return Neg(number) if value < 0 else number


__all__ = ["values_of_functions"]
