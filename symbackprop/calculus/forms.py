"""The adjoint system in textbook form: the same values, the short formulas.

    d.a2[j] = (a2[j] - y[j]) / (a2[j] (1 - a2[j]))     the cost's derivative as one fraction
    d.z2[j] = a2[j] - y[j]                             the slope cancelled the denominator
    d.z1[j] = d.a1[j] a1[j] (1 - a1[j])                slopes in the value of the neuron
    d.q[o]  = p[o] - y[o]                              softmax with cross-entropy

What cannot be shortened stays as the sweep left it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Case, Range
from symbackprop.calculus.contract import at_most
from symbackprop.calculus.costs import cancelled, of_adjoint
from symbackprop.calculus.letters import letters, mentioned, product, put, rebuilt
from symbackprop.calculus.softmax import as_softmax, softmax_reduction
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.textbook import slope_of_equation
from symbackprop.system.model import ADJOINT, Equation, System, entry


def textbook_gradients(system: System) -> AdjointSystem:
    """The swept system in textbook form."""
    return textbook_forms(sweep(system))


def textbook_forms(adjoints: AdjointSystem) -> AdjointSystem:
    """Every adjoint in its textbook form, in the same order."""
    return replace(adjoints, adjoints=tuple(textbook_form(adjoints, a) for a in adjoints.adjoints))


def textbook_form(adjoints: AdjointSystem, adjoint: Adjoint) -> Adjoint:
    """One adjoint in its textbook form (itself, if it has no shorter one)."""
    system = adjoints.system
    cost = of_adjoint(system, adjoint)
    if cost is not None and len(adjoint.cases) == 1:
        return replace(adjoint, cases=((adjoint.cases[0][0], cost.expr),))
    if len(adjoint.contributions) != 1 or len(adjoint.cases) != 1:
        return adjoint
    contribution = adjoint.contributions[0]
    consumer = contribution.consumer
    guard = adjoint.cases[0][0]
    original = _own_equation(adjoints, consumer)
    softmax = as_softmax(original)
    if softmax is not None:
        reduced = softmax_reduction(system, softmax, adjoints.of(consumer.target))
        if reduced is not None:
            back = dict(zip(softmax.argument.indices, adjoint.indices, strict=True))
            return replace(adjoint, cases=((guard, put(reduced, back)),))
        return adjoint
    slope = slope_of_equation(system, consumer)
    if slope is None:
        return adjoint
    # The consumer a[m] = f(z[m]) has letters of its own: z[m] = z[j] says which they are here.
    where = dict(zip(consumer.rhs.args[0].args[1:], adjoint.indices, strict=True))
    if not all(isinstance(letter, sp.Symbol) for letter in where):
        return adjoint
    slope = put(slope, where)
    upstream = adjoints.of(consumer.target)
    up = of_adjoint(system, upstream)
    if up is not None and up.denominator:
        here = dict(zip(upstream.indices, (put(i, where) for i in consumer.indices), strict=True))
        left = cancelled(system, up, put(slope, {v: k for k, v in here.items()}))
        if left is not None:
            return replace(adjoint, cases=((guard, put(left, here)),))
    error = entry(ADJOINT + consumer.target, *(put(i, where) for i in consumer.indices))
    return replace(adjoint, cases=((guard, product((error, slope))),))


def _own_equation(adjoints: AdjointSystem, consumer: Equation) -> Equation:
    """The system's equation with its own letters (a consumer's are renamed apart)."""
    for equation in adjoints.system.equations_of[consumer.target]:
        if equation.label == consumer.label and len(mentioned(equation.rhs)) == len(
            mentioned(consumer.rhs)
        ):
            return equation
    return consumer


def put_in(adjoints: AdjointSystem, name: str, names: Collection[str]) -> Adjoint:
    """The adjoint of `name` with those of `names` written out, split into their cases.

    With name = "z" and names = ("a",) this gives start and step of the recursion, BP1 and BP2:

        d.z[L,j] = (a[L,j] - y[j]) f'(z[L,j])
        d.z[l,j] = sum(k, w[l+1,k,j] d.z[l+1,k]) f'(z[l,j])    for l < L
    """
    adjoint = adjoints.of(name)
    cases = adjoint.cases
    for inner in names:
        cases = tuple(c for case in cases for c in _split(adjoints.of(inner), case))
    return replace(adjoint, cases=cases)


def _split(inner: Adjoint, case: Case) -> list[Case]:
    guard, expr = case
    label = ADJOINT + inner.quantity.name
    uses = _entries(expr, label)
    if not uses:
        return [case]
    found: list[Case] = []
    for inner_guard, value in inner.cases:
        where = {
            use: put(value, dict(zip(inner.indices, _indices(use), strict=True))) for use in uses
        }
        here = _narrowed(guard, inner, inner_guard, _indices(uses[0]))
        if here is not None:
            pinned = {x: lo for (x, lo, up), old in zip(here, guard, strict=True)
                      if lo == up and old[1] != old[2]}  # fmt: skip
            found.append((here, put(_replace(expr, where), pinned)))
    return found


def _entries(expr: sp.Basic, label: str) -> list[sp.Expr]:
    """The entries of one quantity in an expression, each once, in order."""
    if isinstance(expr, sp.Indexed):
        return [expr] if expr.base.label.name == label else []
    if isinstance(expr, sp.Symbol):
        return [expr] if expr.name == label else []
    return list(dict.fromkeys(e for arg in expr.args for e in _entries(arg, label)))


def _indices(use: sp.Expr) -> tuple[sp.Expr, ...]:
    return tuple(use.indices) if isinstance(use, sp.Indexed) else ()


def _replace(expr: sp.Expr, where: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    if expr in where:
        return where[expr]
    if not expr.args or isinstance(expr, sp.Indexed):
        return expr
    if isinstance(expr, sp.Sum):
        return sp.Sum(_replace(expr.function, where), *expr.limits)
    return rebuilt(expr, tuple(_replace(a, where) for a in expr.args))


def _narrowed(
    guard: tuple[Range, ...],
    inner: Adjoint,
    inner_guard: tuple[Range, ...],
    at: tuple[sp.Expr, ...],
) -> tuple[Range, ...] | None:
    """The part of `guard` on which an inner case applies; None if there is none."""
    where = dict(zip(inner.indices, at, strict=True))
    full = {axis.index: (axis.lower, axis.upper) for axis in inner.quantity.axes}
    ranges = {x: (lo, up) for x, lo, up in guard}
    for x, lo, up in inner_guard:
        if full[x] == (lo, up):
            continue
        letter = where[x]
        if letter not in ranges or letters(letter) != {letter}:
            return None
        low, high = ranges[letter]
        low = lo if at_most(low, lo) else low
        high = up if at_most(up, high) else high
        if not at_most(low, high) and at_most(high + 1, low):
            return None
        ranges[letter] = (low, high)
    return tuple((x, *ranges[x]) for x, _, _ in guard)
