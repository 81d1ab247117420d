"""Numbers beside the symbols, for any system: every value, every derivative, a difference, one update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import tidy
from symbackprop.derivation.concrete import Example
from symbackprop.derivation.evaluate import Evaluator, forward, value
from symbackprop.derivation.graph import Graph, at, build
from symbackprop.derivation.neuron.numbers import STEP, given_values, plain
from symbackprop.derivation.steps import Prose, Section, Table
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import Deriv, Formula, Num, Ref
from symbackprop.system.model import ADJOINT, System

SHOWN = 60
"""Tables list at most so many entries; the check covers them all."""


def section(example: Example, rate: float, digits: int, frozen: tuple[str, ...] = ()) -> Section:
    """The tables of one small example. `frozen`: parameters that the update leaves alone."""
    graph = build(example.system)
    evaluate = Evaluator(graph)
    given = given_values(graph, example.values)
    values = forward(graph, given, evaluate)
    cost = Ref(graph.system.cost)
    gradients = adjoints(graph, values, evaluate)

    def shown(x: float) -> str:
        return f"{x:.{digits}f}"

    inner = [n for n in graph.equations if n != cost]
    parameters = graph.with_role("weight", "bias", "parameter")
    values_table = Table(
        "inner",
        ("symbol", "value", "derivative of cost"),
        tuple((n, shown(values[n]), shown(gradients[n])) for n in inner[:SHOWN]),
    )
    rows = []
    for p in parameters[:SHOWN]:
        up = forward(graph, {**given, p: given[p] + STEP}, evaluate)[cost]
        down = forward(graph, {**given, p: given[p] - STEP}, evaluate)[cost]
        moved = given[p] - rate * gradients[p]
        rows.append(
            (
                p,
                plain(given[p]),
                shown(gradients[p]),
                shown((up - down) / (2 * STEP)),
                plain(given[p]) if p.name in frozen else shown(moved),
            )
        )
    updated = {
        n: v - rate * gradients[n] if n in parameters and n.name not in frozen else v
        for n, v in given.items()
    }
    after = forward(graph, updated, evaluate)[cost]
    about = {"sizes": example.sizes, "stand_ins": example.stand_ins, "rate": plain(rate)}
    items = (
        Prose("numbers example", about),
        Table(
            "given",
            ("symbol", "value"),
            tuple(
                (n, plain(v))
                for n, v in given.items()
                if graph.role(n) in ("input", "target", "constant")
            )[:SHOWN],
        ),
        values_table,
        Prose("numbers cost", {"cost": cost, "value": shown(values[cost])}),
        Table(
            "numbers", ("parameter", "value", "derivative", "difference", "updated"), tuple(rows)
        ),
        Prose(
            "numbers update",
            {
                "cost": cost,
                "before": shown(values[cost]),
                "after": shown(after),
                "rate": plain(rate),
                "frozen": frozen,
                "falls": after < values[cost],
            },
        ),
    )
    return Section("numbers", items, about, example.system)


def adjoints(
    graph: Graph, values: Mapping[Ref, float], evaluate: Evaluator
) -> dict[Formula, float]:
    """dJ/d(node) for all nodes, by the derived formulas of the sweep, latest first."""
    system = graph.system
    known: dict[Any, float] = dict(values)
    found: dict[Formula, float] = {}
    pending = {
        a.quantity.name: a for a in sweep(system).adjoints if a.quantity.name in graph.entries
    }
    waiting = [(a, n) for a in pending.values() for n in graph.entries[a.quantity.name]]
    formulas = {n: _formula(system, a, n) for a, n in waiting}
    # A recurrence needs the late entries first; entries are taken as soon as all they use is known.
    while waiting:
        left = []
        for adjoint, node in waiting:
            try:
                what = f"the derivative of the cost by '{node.name}'"
                number = value(evaluate, formulas[node], known, what)
            except KeyError:
                left.append((adjoint, node))
                continue
            found[node] = number
            known[Ref(ADJOINT + node.name, node.indices)] = number
            known[Deriv(Ref(system.cost), node)] = number
        if len(left) == len(waiting):
            raise UnsupportedForm("the derivatives of this system wait for one another")
        waiting = left
    return found


def _formula(system: System, adjoint: Adjoint, node: Ref) -> Formula:
    place = {
        str(letter): index for letter, index in zip(adjoint.indices, node.indices, strict=True)
    }
    numbers = {
        letter: sp.Integer(int(index.value))
        for letter, index in zip(adjoint.indices, node.indices, strict=True)
        if isinstance(index, Num)
    }
    for guard, expression in adjoint.cases:
        if all(
            bool(low.xreplace(numbers) <= letter.xreplace(numbers))
            and bool(letter.xreplace(numbers) <= high.xreplace(numbers))
            for letter, low, high in guard
        ):
            return tidy(at(written(expression, system), place))
    return Num("0")
