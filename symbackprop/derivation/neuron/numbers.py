"""Section 11 of the neuron view: every value, every error, every derivative, and one update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symbackprop.derivation.descent import descent
from symbackprop.derivation.evaluate import Evaluator, forward
from symbackprop.derivation.graph import Graph
from symbackprop.derivation.neuron.output import gradient_row
from symbackprop.derivation.neuron.sums import exit_error
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import Prose, Section, Table
from symbackprop.errors import SpecError
from symbackprop.formula.tree import Deriv, Formula, Ref, num
from symbackprop.networks.published import Figure
from symbackprop.notation.slots import rate_name

STEP = 1e-4
"""Each weight is nudged by so much each way for the finite difference."""

TRUSTED = 8
"""So many decimals of a finite difference with that step mean something."""


def section(
    tale: Tale,
    values: Mapping[str, Any],
    rate: float,
    digits: int,
    frozen: tuple[str, ...] = (),
    published: tuple[Figure, ...] = (),
) -> Section:
    """`values`: nested lists by quantity name. `frozen`: parameters that the update leaves alone.

    `published`: figures to compare with.
    """
    graph = tale.graph
    evaluate = Evaluator(graph)
    given = given_values(graph, values)
    all_values = forward(graph, given, evaluate)
    errors = _errors(tale, all_values, evaluate)
    gradients = {
        p: evaluate(gradient_row(tale, p).members[-1], {**all_values, **errors})
        for p in graph.with_role("weight", "bias", "parameter")
    }
    cost = all_values[tale.cost]

    def shown(x: float) -> str:
        return f"{x:.{digits}f}"

    inputs = Table(
        "given",
        ("symbol", "value"),
        (
            *((n, plain(v)) for n, v in given.items() if not graph.quantity(n).is_parameter),
            *((n, plain(v)) for n, v in given.items() if graph.quantity(n).is_parameter),
            (Ref(rate_name(graph.system)), plain(rate)),
        ),
    )
    neurons = Table(
        "neurons",
        (
            "entrance",
            "value",
            "exit",
            "value",
            *(("error exit",) if tale.is_named_exit else ()),
            "error",
        ),
        tuple(
            (
                z,
                shown(all_values[z]),
                a,
                shown(all_values[a]),
                *((shown(errors[Ref(_d(a), a.indices)]),) if tale.is_named_exit else ()),
                shown(errors[Ref(_d(z), z.indices)]),
            )
            for z in graph.with_role("pre-activation")
            for a in (tale.activation_of(z),)
        ),
    )
    rows = []
    for p, g in gradients.items():
        up = forward(graph, {**given, p: given[p] + STEP}, evaluate)[tale.cost]
        down = forward(graph, {**given, p: given[p] - STEP}, evaluate)[tale.cost]
        rows.append(
            (
                p,
                gradient_row(tale, p).members[-1],
                shown(g),
                f"{(up - down) / (2 * STEP):.{min(digits, TRUSTED)}f}",
                shown(given[p] - rate * g) if p.name not in frozen else plain(given[p]),
            )
        )
    derivatives = Table(
        "numbers",
        ("parameter", "formula", "derivative", "difference", "updated"),
        tuple(rows),
    )
    moved = {
        n: v - rate * gradients[n] if n in gradients and n.name not in frozen else v
        for n, v in given.items()
    }
    after = forward(graph, moved, evaluate)[tale.cost]
    items: list[Prose | Table] = [
        inputs,
        neurons,
        Prose("numbers cost", {"cost": tale.cost, "value": shown(cost)}),
        derivatives,
        Prose(
            "numbers update",
            {
                "cost": tale.cost,
                "before": shown(cost),
                "after": shown(after),
                "rate": plain(rate),
                "frozen": frozen,
                "falls": after < cost,
            },
        ),
    ]
    if published:
        computed = {
            "value": lambda node: all_values[node],
            "error": lambda node: errors[Ref(_d(node), node.indices)],
            "gradient": lambda node: gradients[node],
            "updated": lambda node: moved[node],
            "cost after": lambda _: after,
        }
        items.append(_compared(tale, published, computed, digits))
    return Section("numbers", tuple(items), {"step": plain(STEP), "rate": plain(rate)})


def _compared(
    tale: Tale,
    published: tuple[Figure, ...],
    computed: Mapping[str, Callable[[Ref], float]],
    digits: int,
) -> Table:
    """The published figures beside ours: equal if ours, rounded to as many decimals, is the same text."""
    rows: list[tuple[Any, ...]] = []
    for figure in published:
        node = Ref(figure.name, tuple(num(i) for i in figure.indices))
        ours = computed[figure.kind](node)
        decimals = len(figure.text.partition(".")[2])
        agrees = f"{ours:.{decimals}f}" == figure.text
        cell: Any = {
            "value": node,
            "error": Ref(_d(node), node.indices),
            "gradient": tale.d_cost(node),
            "updated": descent(node, tale.d_cost(node)),
        }.get(figure.kind, ("cost after", {"cost": tale.cost}))
        rows.append((cell, figure.text, f"{ours:.{digits}f}", ("yes" if agrees else "no", {})))
    return Table("published", ("symbol", "published", "ours", "agrees"), tuple(rows))


def plain(x: float) -> str:
    """A given number as short as it can be written."""
    return f"{x:.10g}"


def _d(node: Ref) -> str:
    return f"d.{node.name}"


def given_values(graph: Graph, values: Mapping[str, Any]) -> dict[Ref, float]:
    """Nested lists as one number a node. Raises SpecError where a number is missing."""
    given: dict[Ref, float] = {}
    for q in graph.system.quantities:
        if q.name in graph.system.equations_of:
            continue
        if q.name not in values:
            raise SpecError(f"no value is given for '{q.name}'")
        for node in graph.entries[q.name]:
            cell: Any = values[q.name]
            for i, axis in zip(node.indices, q.axes, strict=True):
                cell = cell[int(i.value) - int(axis.lower)]  # type: ignore[attr-defined]
            given[node] = float(cell)
    return given


def _errors(tale: Tale, values: Mapping[Ref, float], evaluate: Evaluator) -> dict[Formula, float]:
    """d.z and d.a of every neuron, output first, by the derived formulas; dJ/dz for the unnamed."""
    found: dict[Any, float] = {}
    for layer in range(tale.depth, 0, -1):
        for z in tale.nodes("pre-activation", layer):
            a = tale.activation_of(z)
            known = {**values, **found}
            if layer == tale.depth:
                exit_ = evaluate(tale.cost_derivative(a).value, known)
                entrance = evaluate(tale.error_value(z), known)
            else:
                exit_ = evaluate(exit_error(tale, a), known)
                entrance = exit_ * evaluate(tale.local(a, z), known)
            for node, number in ((a, exit_), (z, entrance)):
                found[Ref(_d(node), node.indices)] = number
                found[Deriv(tale.cost, node)] = number
    return found
