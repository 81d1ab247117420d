"""The scalar functions of a system as written formulas: definition, slope, slope by the value."""

from __future__ import annotations

from functools import cached_property

import sympy as sp

from symbackprop.calculus.written import written as as_formula
from symbackprop.derivation.algebra import substitute
from symbackprop.derivation.differentiate import derivative
from symbackprop.formula.tree import Call, Formula, Ref
from symbackprop.system.model import Function, System

_T = Ref("\N{MIDDLE DOT}t")  # a private name: no user's name can be this
_A = Ref("\N{MIDDLE DOT}a")


class WrittenFunction:
    """One function of a system, ready to be written at any argument."""

    def __init__(self, function: Function, system: System) -> None:
        self.function = function
        self.name = function.name
        self._system = system

    @property
    def abstract(self) -> bool:
        return self.function.expression is None

    @cached_property
    def _definition(self) -> Formula:
        expression = self.function.expression
        assert expression is not None
        written = as_formula(
            expression.xreplace({self.function.variable: sp.Symbol(_T.name, real=True)}),
            self._system,
        )
        return written

    @cached_property
    def _slope_by_value(self) -> Formula | None:
        from symbackprop.calculus.textbook import slope_in_value

        value = sp.Symbol(_A.name, real=True)
        slope = slope_in_value(self.function, value, sp.Symbol(_T.name, real=True))
        return None if slope is None else as_formula(slope, self._system)

    def definition(self, argument: Formula) -> Formula:
        """f(argument) written out: 1/(1 + e^-argument)."""
        return substitute(self._definition, {_T: argument})

    def slope_written(self, argument: Formula) -> Formula:
        """f'(argument), differentiated by the school rules, not simplified."""
        return substitute(derivative(self._definition, _T), {_T: argument})

    def slope_by_value(self, value: Formula, argument: Formula) -> Formula | None:
        """f' expressed by the value of f, as a(1 - a); None where there is no such form."""
        found = self._slope_by_value
        return None if found is None else substitute(found, {_A: value, _T: argument})

    def slope(self, value: Formula, argument: Formula) -> Formula:
        """The slope as later lines use it: by the value, or f'(argument)."""
        return self.slope_by_value(value, argument) or Call(self.name, (argument,), 1)
