"""The matrix view of a whole system: its equations and its adjoints, in one convention."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint, AdjointSystem, Range
from symbackprop.calculus.forms import textbook_forms
from symbackprop.calculus.letters import letters, product, put
from symbackprop.calculus.matrix import DEFAULT, Convention, lift, stored
from symbackprop.calculus.sweep import ranges_of_equation, sweep
from symbackprop.calculus.written import written
from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.system.model import ADJOINT, Equation, Quantity, System, entry


@dataclass(frozen=True, slots=True)
class Lifted:
    """A statement about arrays: `name` is the quantity (or `d.` and a quantity).

    `guard`: for which layers or time steps it holds.
    """

    name: str
    guard: tuple[Range, ...]
    statement: t.Chain


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The equations and adjoints that have a matrix form; the others with the reason."""

    system: System
    convention: Convention
    equations: tuple[Lifted, ...]
    adjoints: tuple[Lifted, ...]
    refused: tuple[tuple[str, str], ...]


def matrix_view(
    system: System,
    convention: Convention = DEFAULT,
    adjoints: AdjointSystem | None = None,
) -> MatrixView:
    """All equations and adjoints of `system` in matrix form.

    The work does not depend on the widths, and grows linearly with the number of equations. Slopes
    stand as f'(z) unless they cancelled.
    """
    swept = sweep(system) if adjoints is None else adjoints
    short = textbook_forms(swept)
    equations: list[Lifted] = []
    backward: list[Lifted] = []
    refused: list[tuple[str, str]] = []
    for equation in system.equations:
        try:
            equations.append(lift_equation(system, equation, convention))
        except UnsupportedForm as error:
            refused.append((equation.target, error.message))
    for adjoint in short.adjoints:
        if adjoint.quantity.name == system.cost:
            continue
        try:
            raw = swept.of(adjoint.quantity.name)
            backward += lift_adjoint(system, with_slope_calls(system, raw, adjoint), convention)
        except UnsupportedForm as error:
            refused.append((ADJOINT + adjoint.quantity.name, error.message))
    return MatrixView(system, convention, tuple(equations), tuple(backward), tuple(refused))


def lift_equation(system: System, equation: Equation, convention: Convention) -> Lifted:
    """An equation as a statement about arrays. Raises UnsupportedForm."""
    ranges = ranges_of_equation(system, equation)
    quantity = system.by_name[equation.target]
    guard = tuple(r for r in ranges if _is_fixed(quantity, equation.indices, r[0]))
    statement = _statement(
        system, quantity, equation.target, equation.indices, equation.rhs, ranges, convention
    )
    return Lifted(equation.target, guard, statement)


def lift_adjoint(system: System, adjoint: Adjoint, convention: Convention) -> list[Lifted]:
    """The cases of an adjoint as statements about arrays. Raises UnsupportedForm."""
    quantity = adjoint.quantity
    name = ADJOINT + quantity.name
    found = []
    for guard, expr in adjoint.cases:
        pinned = {
            x: lower
            for x, lower, upper in guard
            if lower == upper and _is_fixed(quantity, quantity.indices, x)
        }
        indices = tuple(put(i, pinned) for i in adjoint.indices)
        ranges = tuple((x, put(lo, pinned), put(up, pinned)) for x, lo, up in guard)
        fixed = tuple(r for r in guard if _is_fixed(quantity, quantity.indices, r[0]))
        statement = _statement(
            system, quantity, name, indices, put(expr, pinned), ranges, convention
        )
        found.append(Lifted(name, fixed, statement))
    return found


def _statement(
    system: System,
    quantity: Quantity,
    name: str,
    indices: tuple[sp.Expr, ...],
    expr: sp.Expr,
    ranges: tuple[Range, ...],
    convention: Convention,
) -> t.Chain:
    lead, want = stored(quantity, indices, convention)
    if not all(isinstance(letter, sp.Symbol) for letter in want):
        raise UnsupportedForm(f"'{quantity.name}' is given entry by entry: no matrix form")
    whole = t.Array(name, tuple(written(i, system) for i in lead))
    left: t.Formula = whole if want or lead else t.Ref(name)
    return t.equal(left, lift(expr, want, system, convention, ranges))


def _is_fixed(quantity: Quantity, indices: tuple[sp.Expr, ...], letter: sp.Symbol) -> bool:
    """Whether a letter counts layers or time steps."""
    return any(
        axis.kind in ("layer", "time") and letter in letters(i)
        for axis, i in zip(quantity.axes, indices, strict=True)
    )


def with_slope_calls(system: System, raw: Adjoint, short: Adjoint) -> Adjoint:
    """The adjoint through a = f(z) as d.a f'(z), for SymPy's own functions and for cases too.

    What the textbook form cancelled stays cancelled.
    """
    if len(raw.contributions) != 1 or len(raw.cases) != 1:
        return short
    consumer = raw.contributions[0].consumer
    call = consumer.rhs
    error = ADJOINT + consumer.target
    uses = any(
        isinstance(e, sp.Indexed) and e.base.label.name == error
        for e in short.cases[0][1].atoms(sp.Indexed)
    )
    if not uses or not isinstance(call, sp.Function) or len(call.args) != 1:
        return short
    argument = call.args[0]
    if not isinstance(argument, sp.Indexed):
        return short
    where = dict(zip(argument.indices, raw.indices, strict=True))
    slope = sp.Function(call.func.__name__ + "'", real=True)(put(argument, where))
    upstream = entry(error, *(put(i, where) for i in consumer.indices))
    guard = raw.cases[0][0]
    return Adjoint(
        raw.quantity, raw.indices, raw.contributions, ((guard, product((upstream, slope))),)
    )
