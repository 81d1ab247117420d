"""Sections 9 and 10 of the neuron view: all derivatives, the updates, the algorithm."""

from __future__ import annotations

from symbackprop.derivation.algebra import negative, plus, power, times
from symbackprop.derivation.descent import RATE, descent
from symbackprop.derivation.neuron.output import decay_terms, gradient_row
from symbackprop.derivation.neuron.sums import exit_error
from symbackprop.derivation.neuron.tale import Tale
from symbackprop.derivation.steps import Prose, Section, Step, Table, statement
from symbackprop.formula.tree import Chain, Formula, Ref, num


def table(tale: Tale) -> Section:
    """Every derivative: rows are receivers, columns senders."""
    tables: list[Table] = []
    for layer in range(tale.depth, 0, -1):
        zs = tale.nodes("pre-activation", layer)
        senders = [s for s in tale.graph.sources(zs[0]) if not tale.graph.quantity(s).is_parameter]
        unit_bias = any(
            tale.graph.role(p) == "bias" and len(tale.receivers(p)) == 1
            for p in tale.parameters_into(zs[0])
        )
        header: tuple[object, ...] = ("receiver", *senders, *(("bias",) if unit_bias else ()))
        rows: list[tuple[Formula, ...]] = []
        for z in zs:
            cells = [
                gradient_row(tale, p).members[-1]
                for p in tale.parameters_into(z)
                if len(tale.receivers(p)) == 1
            ]
            rows.append((z, *cells))
        tables.append(Table("derivatives", header, tuple(rows), {"layer": layer}))
    shared = [
        gradient_row(tale, p)
        for layer in range(tale.depth, 0, -1)
        for p in tale.biases(layer)
        if len(tale.receivers(p)) > 1
    ]
    items: list[Step | Table] = list(tables)
    if shared:
        items.append(Step("likewise", tuple(shared), topic="shared biases"))
    return Section("table", tuple(items), {"count": len(tale.graph.with_role("weight", "bias"))})


def algorithm(tale: Tale) -> Section:
    """Forward, errors, derivatives, updates: every error before any update."""
    errors: list[Step] = []
    for layer in range(tale.depth, 0, -1):
        rows: list[Chain] = []
        for z in tale.nodes("pre-activation", layer):
            a = tale.activation_of(z)
            if layer == tale.depth:
                rows.append(statement(tale.error(z), tale.error_value(z)))
            else:
                rows.append(statement(tale.error(z), times(exit_error(tale, a), tale.local(a, z))))
        errors.append(
            Step(
                "result",
                tuple(rows),
                topic="errors of layer",
                about={"layer": layer, "depth": tale.depth},
            )
        )
    put: list[Step] = []
    for layer in range(tale.depth, 0, -1):
        put.append(
            Step(
                "update",
                tuple(
                    descent(p, tale.d_cost(p), gradient_row(tale, p).members[-1])
                    for p in tale.parameters(layer)
                ),
                topic="update put",
                about={"layer": layer, "depth": tale.depth},
            )
        )
    items: list[Step | Prose] = [
        Prose("algorithm forward", {"depth": tale.depth}),
        Prose("algorithm errors", {}),
        *errors,
        Prose("algorithm derivatives", {}),
        Prose("algorithm update", {}),
        *put,
    ]
    items.append(explicit_updates(tale))
    if tale.depth > 1:
        items.append(_too_early(tale))
    return Section("algorithm", tuple(items), {"depth": tale.depth})


def explicit_updates(tale: Tale) -> Step:
    """w <- w - eta dJ/dw = w - eta (a - y) x: the error written out."""
    from symbackprop.derivation.neuron.output import explicit

    first = tale.nodes("pre-activation", tale.depth)[0]
    parameters = tale.parameters_into(first)[: 1 if tale.depth > 1 else None]
    rows = []
    for p in parameters:
        if len(tale.receivers(p)) == 1:
            value = plus(explicit(tale, p), *decay_terms(tale, p))
            rows.append(descent(p, tale.d_cost(p), value))
    return Step(
        "update",
        tuple(rows),
        topic="update explicit",
        about={
            "one": tale.depth > 1,
            "first": len(tale.nodes("pre-activation", tale.depth)) > 1,
        },
    )


def _too_early(tale: Tale) -> Prose:
    """What the exit error of the first hidden neuron becomes when the output layer moves first."""
    layer = tale.depth - 1
    a = tale.activation_of(tale.nodes("pre-activation", layer)[0])
    receivers = tale.receivers(a)
    squares = plus(*(power(tale.error(z), num(2)) for z in receivers))
    shift = times(RATE, squares, a)
    start = tale.error(a) if tale.is_named(a) else tale.d_cost(a)
    weights: tuple[Ref, ...] = tuple(
        w for z in receivers for w in tale.parameters_into(z) if w in _edges(tale, a)
    )
    plain = not tale.graph.system.about.decay
    return Prose(
        "too early",
        {
            "a": a,
            "wrong": plus(start, negative(shift)),
            "right": start,
            "weights": weights,
            "plain": plain,
        },
    )


def _edges(tale: Tale, a: Ref) -> tuple[Formula, ...]:
    return tuple(tale.local(z, a) for z in tale.receivers(a))
