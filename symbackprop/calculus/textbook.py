r"""The derivative of an activation in terms of its own value: f' = c0 + c1 a + c2 a^2, a = f(z).

    sigmoid: a (1 - a)     tanh: 1 - a^2     exp: a     elu: 1 or a + beta, by branches

Both f and f' are written over E = e^z; comparing the coefficients of the powers of E (and of z)
gives linear equations for c0, c1, c2. Nothing is typed in by hand; where the equations have no
solution, f'(z) stays.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.differentiate import differentiate, primed
from symbackprop.calculus.letters import put
from symbackprop.system.model import Equation, Function, System

VALUE = sp.Symbol("a", real=True)
"""Stands for the value f(z) in the result of `slope_in_value`."""

_E = sp.Dummy("E", positive=True)


def slope_in_value(
    function: Function, value: sp.Expr = VALUE, argument: sp.Expr | None = None
) -> sp.Expr | None:
    """f' as a polynomial in `value` = f(`argument`), in textbook form; None if there is none.

    Functions by cases are solved branch by branch; their conditions speak of the argument.
    """
    f, z = function.expression, function.variable
    if f is None:
        return None
    at = {} if argument is None else {z: argument}
    if isinstance(f, sp.Piecewise):
        rows = []
        for branch, condition in f.args:
            slope = _slope_of_branch(branch, z, value)
            if slope is None:
                return None
            rows.append((slope, condition.xreplace(at)))
        return sp.Piecewise(*rows)
    return _slope_of_branch(f, z, value)


@lru_cache(maxsize=256)
def coefficients(f: sp.Expr, z: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """c0, c1, c2 with f' = c0 + c1 f + c2 f^2 for all z; None if there are none."""
    value, slope = _over_e(f, z), _over_e(differentiate(f, z), z)
    if value is None or slope is None:
        return None
    unknowns = sp.symbols("c:3", cls=sp.Dummy)
    claim = slope - sum(c * value**i for i, c in enumerate(unknowns))
    top, _ = sp.fraction(sp.together(claim))
    equations = sp.Poly(sp.expand(top), _E, z).coeffs()
    for solution in sp.linsolve(equations, *unknowns):
        free = dict.fromkeys(unknowns, sp.S.Zero)  # what is not determined (a constant f) is 0
        c0, c1, c2 = (sp.cancel(c.xreplace(free)) for c in solution)
        return c0, c1, c2
    return None


def slope_of_equation(system: System, equation: Equation) -> sp.Expr | None:
    """For `a[i] = f(z[i])`: f' at z[i] in terms of a[i], or f'(z[i]) where it has no such form.

    None if the right side is not one function of one entry.
    """
    call = equation.rhs
    if not isinstance(call, sp.Function) or len(call.args) != 1:
        return None
    argument = call.args[0]
    if not isinstance(argument, sp.Indexed | sp.Symbol):
        return None
    function = function_of_call(system, call)
    if function is not None:
        slope = slope_in_value(function, equation.lhs, argument)
        if slope is not None:
            return slope
    if isinstance(call, AppliedUndef):
        return primed(call)
    dummy = sp.Dummy("z", real=True)
    return put(differentiate(call.func(dummy), dummy), {dummy: argument})


def function_of_call(system: System, call: sp.Expr) -> Function | None:
    """The function that a call applies: the system's own of that name, or SymPy's."""
    name = call.func.__name__
    if name in system.function_by_name:
        return system.function_by_name[name]
    if isinstance(call, AppliedUndef):
        return None
    z = sp.Symbol("z", real=True)
    return Function(name, z, call.func(z))


def _slope_of_branch(f: sp.Expr, z: sp.Symbol, value: sp.Expr) -> sp.Expr | None:
    found = coefficients(f, z)
    if found is None:
        return None
    c0, c1, c2 = found
    if c0 == 0 and c2 != 0 and c1 != 0:
        return sp.Mul(value, c1 + c2 * value)
    return c0 + c1 * value + c2 * value**2


def _over_e(f: sp.Expr, z: sp.Symbol) -> sp.Expr | None:
    """f as a rational expression in E = e^z and z; None if it is not one."""
    e = _E

    def power(k: sp.Expr) -> sp.Expr | None:
        factor = sp.expand(k).coeff(z)
        rest = sp.expand(k - factor * z)
        return None if not factor.is_Integer or rest != 0 else e**factor

    swap = {}
    for node in f.atoms(sp.Function):
        if not node.has(z):
            continue
        p = power(node.args[0]) if len(node.args) == 1 else None
        if p is None:
            return None
        if isinstance(node, sp.exp):
            swap[node] = p
        elif isinstance(node, sp.tanh):
            swap[node] = (p**2 - 1) / (p**2 + 1)
        elif isinstance(node, sp.sinh):
            swap[node] = (p - 1 / p) / 2
        elif isinstance(node, sp.cosh):
            swap[node] = (p + 1 / p) / 2
        else:
            return None
    swapped = f.xreplace(swap)
    return swapped if swapped.is_rational_function(e, z) else None
