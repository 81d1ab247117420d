r"""How the slope of an activation is found, line by line, for the narrator.

    a  = (1 + e^{-z})^{-1}
    a' = -(1 + e^{-z})^{-2} (-e^{-z})                      power rule, inner derivative
       = 1/(1 + e^{-z}) * e^{-z}/(1 + e^{-z})              the value is the first factor
       = a (1 - a)                                         because 1 - a = e^{-z}/(1 + e^{-z})

The lines follow from the shape of the formula (a power, a quotient, cases, ...), not from its name.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.differentiate import differentiate
from symbackprop.calculus.letters import letters, product
from symbackprop.calculus.textbook import VALUE, coefficients, slope_in_value
from symbackprop.calculus.written import Writer
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Chain, Formula
from symbackprop.system.model import Function


@dataclass(frozen=True, slots=True)
class SlopeLine:
    """One member of the chain of f'. `rule` leads to it from the one before (derivation RULES).

    `identity`: the equation that the rule 'rewrite' uses, if it is not the definition of the value.
    """

    rule: str
    member: Formula
    identity: Chain | None = None


@dataclass(frozen=True, slots=True)
class SlopeSteps:
    """definition: f(z) in the form that is differentiated; lines: f'(z), each equal to the next."""

    definition: Formula | None
    lines: tuple[SlopeLine, ...]

    @property
    def result(self) -> Formula:
        return self.lines[-1].member


def slope_steps(function: Function, argument: Formula, value: Formula) -> SlopeSteps:
    """The steps for f at `argument`, whose value is called `value`.

    An abstract function has one line, f'(z).
    """
    return _Steps(function, argument, value).steps()


class _Steps:
    def __init__(self, function: Function, argument: Formula, value: Formula) -> None:
        self.function = function
        self.z = function.variable
        self.value = value
        self.argument = argument
        constants = {
            x: t.Ref(x.name)
            for x in (letters(function.expression) if function.expression is not None else ())
        }
        self.write = Writer(None, {**constants, self.z: argument, VALUE: value})

    def steps(self) -> SlopeSteps:
        f = self.function.expression
        if f is None:
            call = t.Call(self.function.name, (self.argument,), 1)
            return SlopeSteps(None, (SlopeLine("local derivative", call),))
        if isinstance(f, sp.tanh) and f.args[0] == self.z:
            f = f.rewrite(sp.exp)
        top, bottom = sp.fraction(f)
        found = coefficients(f, self.z) if not isinstance(f, sp.Piecewise) else None
        if found and found[0] == 0 and found[1] != 0 != found[2] and isinstance(f, sp.Pow):
            return self._power(f, found[1], found[2])
        if self._is_swapped_by_d(top, bottom):
            return self._quotient(top, bottom)
        return self._plain(f)

    def _plain(self, f: sp.Expr) -> SlopeSteps:
        """No more than the derivative, and the value put in where that is possible."""
        raw = self.write(differentiate(f, self.z))
        lines = [SlopeLine("local derivative", raw)]
        short = slope_in_value(self.function)
        if short is not None and self.write(short) != raw:
            if short != 1:
                lines.append(SlopeLine("rewrite", self.write(short)))
            else:
                lines = [SlopeLine("local derivative", t.ONE)]
        return SlopeSteps(self.write(f), tuple(lines))

    def _power(self, f: sp.Pow, c1: sp.Expr, c2: sp.Expr) -> SlopeSteps:
        """f = u^c: the power rule; f is one factor of f', and c1 + c2 f is the other."""
        write = self.write
        u, c = f.base, f.exp
        inner = differentiate(u, self.z)
        power = t.Pow(write(u), write(c - 1))
        outer: Formula = t.Neg(power) if c == -1 else t.mul(write(c), power)
        if c != -1 and c.could_extract_minus_sign():
            outer = t.Neg(t.mul(write(-c), power))
        raw = t.Mul((outer, write(inner)))
        rest_top = product((c, inner))
        rest = t.Div(write(rest_top), write(u))
        lines = [
            SlopeLine("local derivative", raw),
            SlopeLine("rewrite", t.Mul((write(f), rest))),
        ]
        identity = None
        if c == -1:
            whole, part = product((c1, u)), c2
            second = t.Div(write(abs(part)), write(u))
            over = t.add(
                t.Div(write(whole), write(u)), t.Neg(second) if part.is_negative else second
            )
            identity = t.equal(write(c1 + c2 * VALUE), over, rest)
        short = sp.Mul(VALUE, c1 + c2 * VALUE)
        lines.append(SlopeLine("rewrite", write(short), identity))
        return SlopeSteps(t.Pow(write(u), write(c)), tuple(lines))

    def _is_swapped_by_d(self, top: sp.Expr, bottom: sp.Expr) -> bool:
        """Whether N' = D and D' = N, as for sinh and cosh."""
        z = self.z
        return bool(
            bottom != 1
            and sp.expand(differentiate(top, z) - bottom) == 0
            and sp.expand(differentiate(bottom, z) - top) == 0
        )

    def _quotient(self, top: sp.Expr, bottom: sp.Expr) -> SlopeSteps:
        """f = N/D with N' = D, D' = N: the quotient rule gives 1 - f^2."""
        n, d = self.write(top), self.write(bottom)
        two = t.num(2)
        raw = t.Div(t.sub(t.Mul((d, d)), t.Mul((n, n))), t.Pow(d, two))
        split = t.sub(t.ONE, t.Pow(t.Div(n, d), two))
        result = t.sub(t.ONE, t.Pow(self.value, two))
        lines = (
            SlopeLine("local derivative", raw),
            SlopeLine("rewrite", split),
            SlopeLine("rewrite", result),
        )
        return SlopeSteps(t.Div(n, d), lines)
