"""Statements of the forward pass and of the adjoints, rewritten for computing.

sigmoid'(z1[n,j])   ->   a1[n,j]*(1 - a1[n,j])      a1 is there already
exp(z)/sum(exp(z))  ->   the shifted, stable form   see `exponentials`
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.calculus.differentiate import prime
from symbackprop.calculus.letters import put
from symbackprop.calculus.sweep import ranges_of_equation, sweep
from symbackprop.calculus.textbook import VALUE, slope_in_value
from symbackprop.errors import UnsupportedForm, printable
from symbackprop.export.exponentials import Exponentials
from symbackprop.export.plain import plain
from symbackprop.export.program import Array, Statement
from symbackprop.export.stable import (
    LOGISTIC,
    SOFTPLUS,
    bottom_up,
    inline_call,
    is_call,
    rectified,
    saturating,
)
from symbackprop.export.terms import split_sums, without_constants, without_zeros
from symbackprop.system.model import ADJOINT, Equation, Function, Quantity, System, entry


class Rewriting:
    """Statements of the forward pass and of the adjoints, rewritten for computing."""

    def __init__(self, system: System, given: System, notes: bool) -> None:
        self.system = system
        self.notes = notes
        self.given = given
        self.adjoints = sweep(system)
        self.slopes: dict[str, tuple[sp.Symbol, sp.Expr]] = {}
        self.named: dict[str, list[tuple[Equation, sp.Expr]]] = {}
        for e in system.equations:
            call = e.rhs
            if (
                isinstance(call, sp.Function)
                and len(call.args) == 1
                and isinstance(call.args[0], sp.Indexed | sp.Symbol)
                and all(isinstance(i, sp.Symbol) for i in e.indices)
            ):
                self.named.setdefault(call.func.__name__, []).append((e, call.args[0]))

    def run(self) -> tuple[list[Statement], dict[str, Array]]:
        system = self.system
        rules = [
            self._forward(e, given)
            for e, given in zip(system.equations, self.given.equations, strict=True)
        ]
        arrays = {q.name: _array(q, q.role) for q in system.quantities}
        backward: list[Statement] = []
        for a in self.adjoints.adjoints:
            name = ADJOINT + a.quantity.name
            arrays[name] = _array(a.quantity, "adjoint")
            if a.quantity.name == system.cost:
                continue
            for guard, expr in a.cases:
                backward.append(Statement(name, a.indices, guard, expr))
        backward = without_constants(without_zeros(backward), self.system)
        rules += [replace(r, rhs=split_sums(self._slopes(r.rhs))) for r in backward]
        taken = set(arrays) | {s.name for s in system.sizes}
        rules, new = Exponentials(taken).run(rules)
        return [_noted(r) for r in rules] if self.notes else rules, {**arrays, **new}

    def _forward(self, e: Equation, given: Equation) -> Statement:
        note = f"{_lhs(e.target, e.indices)} = {plain(given.rhs)}" if self.notes else ""
        ranges = ranges_of_equation(self.system, e)
        return Statement(e.target, e.indices, ranges, split_sums(self._formulas(e.rhs)), note)

    def _formulas(self, expr: sp.Expr) -> sp.Expr:
        """Functions of the system by their formulas, saturating ones by primitives."""

        def inline(node: sp.Expr) -> sp.Expr:
            if not isinstance(node, sp.Function):
                return node
            done = inline_call(self.system, node)
            primitive = node.func.__name__ in (LOGISTIC, SOFTPLUS)
            if done == node and isinstance(node, AppliedUndef) and not primitive:
                raise UnsupportedForm(
                    f"the function {printable(node.func.__name__)} is abstract: it has no code",
                    hint="name a concrete activation",
                )
            return done

        return saturating(rectified(bottom_up(expr, inline)))

    # --- slopes ------------------------------------------------------------------------------

    def _slopes(self, expr: sp.Expr) -> sp.Expr:
        """f'(z), and f(z), in terms of the value a = f(z) where the system names it."""

        def change(node: sp.Expr) -> sp.Expr:
            if not isinstance(node, sp.Function) or len(node.args) != 1:
                return node
            name, u = node.func.__name__, node.args[0]
            stem = name.rstrip("'")
            if len(name) - len(stem) == 1:
                return self._slope(stem, u)
            if name.endswith("'"):
                raise UnsupportedForm("a second derivative in the equations has no code")
            value = self._value(name, u)
            return node if value is None else value

        return self._named_logistic(self._formulas(bottom_up(expr, change)))

    def _value(self, name: str, u: sp.Expr) -> sp.Expr | None:
        """The entry a[...] that equals name(u), if the system has one."""
        for e, argument in self.named.get(name, ()):
            if argument == u and isinstance(u, sp.Symbol):
                return e.lhs
            if not (isinstance(argument, sp.Indexed) and isinstance(u, sp.Indexed)):
                continue
            if argument.base != u.base or len(argument.indices) != len(u.indices):
                continue
            where: dict[sp.Expr, sp.Expr] = {}
            fits = True
            for p, actual in zip(argument.indices, u.indices, strict=True):
                expected = where.setdefault(p, actual) if p in e.indices else p
                fits = fits and expected == actual
            if fits and set(e.indices) <= set(where):
                return entry(e.target, *(where[i] for i in e.indices))
        return None

    def _slope(self, name: str, u: sp.Expr) -> sp.Expr:
        function = self.system.function_by_name.get(name)
        if function is None or function.expression is None:
            raise UnsupportedForm(
                f"the function {printable(name)} is abstract: its slope has no code",
                hint="name a concrete activation",
            )
        value = self._value(name, u)
        argument = sp.Symbol("u_", real=True)
        if name not in self.slopes:
            found = slope_in_value(function, VALUE, argument)
            if found is None:
                found = saturating(_derivative(function, argument))
                found = _in_logistic(found)
            self.slopes[name] = (argument, _by_sign_of_value(function, found, argument))
        _, slope = self.slopes[name]
        if VALUE in slope.free_symbols:
            if value is None:
                value = self._formulas(self.system.function_by_name[name](u))
            slope = put(slope, {VALUE: value})
        return put(slope, {argument: u})

    def _named_logistic(self, expr: sp.Expr) -> sp.Expr:
        """logistic(u) by the entry that holds it."""

        def change(node: sp.Expr) -> sp.Expr:
            if not is_call(node, LOGISTIC):
                return node
            for name in self.named:
                function = self.system.function_by_name.get(name)
                if function is None or function.expression is None:
                    continue
                if is_call(saturating(function.expression), LOGISTIC):
                    value = self._value(name, node.args[0])
                    if value is not None:
                        return value
            return node

        return bottom_up(expr, change)


def _noted(rule: Statement) -> Statement:
    """The note of an adjoint is its equation as computed; of a new quantity likewise."""
    if rule.note and not rule.target.startswith(ADJOINT):
        return rule
    return replace(rule, note=f"{_lhs(rule.target, rule.indices)} = {plain(rule.rhs)}")


def _derivative(function: Function, argument: sp.Expr) -> sp.Expr:
    first = prime(function)
    assert first.expression is not None
    return put(first.expression, {function.variable: argument})


def _in_logistic(expr: sp.Expr) -> sp.Expr:
    """Leave as it is unless multiplying out removes an exponential beside a logistic."""
    if not (expr.has(sp.exp) and any(is_call(f, LOGISTIC) for f in expr.atoms(sp.Function))):
        return expr
    return bottom_up(sp.expand(expr), lambda e: saturating(e) if e.is_Mul else e)


def _by_sign_of_value(function: Function, slope: sp.Expr, argument: sp.Expr) -> sp.Expr:
    """For a = max(z, 0): z > 0 says the same as a > 0, and z is then no longer needed."""
    if isinstance(function.expression, sp.Piecewise):
        plain_form = rectified(function.expression)
        if plain_form == sp.Max(function.variable, 0):
            return slope.xreplace({argument: VALUE})
    return slope


def _array(q: Quantity, role: str) -> Array:
    return Array(
        q.name if role != "adjoint" else ADJOINT + q.name,
        tuple((axis.lower, axis.upper) for axis in q.axes),
        role,
    )


def _lhs(name: str, indices: tuple[sp.Expr, ...]) -> str:
    return f"{name}[{','.join(plain(i) for i in indices)}]" if indices else name
