"""The matrix view of any system: its equations and derivatives lifted, quantity by quantity."""

from __future__ import annotations

from itertools import groupby

from symbackprop.calculus.adjoint import Range
from symbackprop.calculus.matrix import DEFAULT, Convention
from symbackprop.calculus.textbook import slope_of_equation
from symbackprop.calculus.views import Lifted, MatrixView, matrix_view
from symbackprop.calculus.written import written
from symbackprop.derivation.matrix import alone as from_alone
from symbackprop.derivation.steps import Prose, Section, Step, statement
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    Array,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Idx,
    MatMul,
    Norm,
    Ref,
)
from symbackprop.system.model import ADJOINT, System

SENDERS = Convention(weights="sender")


def section(
    system: System, errors: tuple[str, ...], alone: bool = False, sender_first: bool = False
) -> Section:
    """Forward, then backward; what has no matrix form is named. Raises UnsupportedForm if nothing has.

    alone: no other view stands before it, so shapes, activations and errors are told here.
    sender_first: a row of the book's weight matrices belongs to a sender.
    """
    view = matrix_view(system, SENDERS if sender_first else DEFAULT)
    layout = ("rows", "sender") if sender_first else None
    # Nobody descends along the inputs: they are given.
    given = {q.name for q in (*system.inputs, *system.targets)}
    wanted = tuple(one for one in view.adjoints if one.name.removeprefix(ADJOINT) not in given)
    adjoints = tuple(one for one in wanted if not _divides_by_array(one.statement))
    if not adjoints:
        raise UnsupportedForm(
            "no derivative of this network has a matrix form", hint="ask for --view index"
        )
    items: list[Step | Prose] = [
        *_steps(system, view.equations, errors, "matrix equations", layout),
        *(_told(system, errors, view, sender_first) if alone else ()),
        *_slopes(system, adjoints),
        *_steps(system, adjoints, errors, "matrix adjoints", layout),
    ]
    left_out = [one.name for one in wanted if one not in adjoints]
    refused = [*(name for name, _ in view.refused), *left_out]
    if refused:
        entries = (Ref(name, _letters(system, name)) for name in refused)
        named = tuple(dict.fromkeys(_named(entry, system, errors) for entry in entries))
        items.append(Prose("matrix refused", {"refused": named}))
    return Section("matrix", tuple(items), {"generic": False, "depth": None})


def _told(
    system: System, errors: tuple[str, ...], view: MatrixView, sender_first: bool
) -> tuple[Step | Prose, ...]:
    """What another view would have told before."""
    return (
        *from_alone.entries_of(system, tuple(name for name, _ in view.refused)),
        *from_alone.shapes_of(system, sender_first),
        *from_alone.activations_of(system),
        *from_alone.errors_of(system, errors),
    )


def _slopes(system: System, adjoints: tuple[Lifted, ...]) -> list[Step]:
    """f'(z) by the value of f, where the lifted derivatives speak of f'(z)."""
    used = {
        (node.name, inner.name)
        for one in adjoints
        for node in one.statement.walk()
        if isinstance(node, Call) and node.primes
        for inner in node.args
        if isinstance(inner, Array)
    }
    rows = []
    for equation in system.equations:
        slope = slope_of_equation(system, equation)
        if slope is None:
            continue
        (argument,) = equation.rhs.args
        name = written(equation.rhs, system)
        if isinstance(name, Call) and (name.name, argument.base.label.name) in used:
            call = Call(name.name, name.args, 1)
            value = written(slope, system)
            if value != call:
                rows.append(statement(call, value))
    return [Step("rewrite", tuple(rows), topic="matrix slope")] if rows else []


def _divides_by_array(chain: Chain) -> bool:
    """y / p with vectors: matrices have no such quotient."""
    return any(
        isinstance(node, Div)
        and any(isinstance(n, Array) for n in node.den.walk())
        and not any(isinstance(n, MatMul | Norm) for n in node.den.walk())
        for node in chain.walk()
    )


def _letters(system: System, name: str) -> tuple[Formula, ...]:
    return tuple(written(i, system) for i in system[name.removeprefix(ADJOINT)].indices)


def _steps(
    system: System,
    lifted: tuple[Lifted, ...],
    errors: tuple[str, ...],
    topic: str,
    layout: tuple[str, str] | None,
) -> list[Step]:
    """One display for each run of statements that hold at the same layers or times."""
    steps: list[Step] = []
    for guard, run in groupby(lifted, key=lambda one: one.guard):
        rows = []
        for one in run:
            chain = one.statement.rewrite(lambda node: _rename(node, system, errors))
            assert isinstance(chain, Chain)
            rows.append(chain)
        about = {"first": not steps, "ranges": _ranges(guard, system)}
        steps.append(
            Step(
                "lift to matrix",
                tuple(rows),
                topic=topic,
                about=about,
                ranges={
                    x.name: _bounds(low, high, system) for x, low, high in guard if low != high
                },
                layout=layout,
            )
        )
    return steps


def _bounds(low: object, high: object, system: System) -> tuple[Formula, Formula]:
    return written(low, system), written(high, system)


def _ranges(
    guard: tuple[Range, ...], system: System
) -> tuple[tuple[Formula, Formula, Formula], ...]:
    return tuple(
        (Idx(x.name), *_bounds(low, high, system)) for x, low, high in guard if low != high
    )


def _rename(node: Formula, system: System, errors: tuple[str, ...]) -> Formula | None:
    """`d.x` is written as a gradient where the book has no name for it."""
    if isinstance(node, Array | Ref) and node.name.startswith(ADJOINT):
        return _named(node, system, errors)
    return None


def _named(node: Array | Ref, system: System, errors: tuple[str, ...]) -> Formula:
    name = node.name.removeprefix(ADJOINT)
    if name == node.name or system[name].role in errors:
        return node
    if isinstance(node, Array):
        return Grad(Ref(system.cost), Array(name, node.indices))
    return Deriv(Ref(system.cost), Ref(name, node.indices))
