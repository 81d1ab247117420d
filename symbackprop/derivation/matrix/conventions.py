"""One layer in the four conventions: samples as columns or rows, weights receiver or sender first.

The index equations are the same in all four; each matrix statement is their lift in one convention.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symbackprop.calculus.adjoint import Adjoint
from symbackprop.calculus.forms import textbook_forms
from symbackprop.calculus.matrix import CONVENTIONS, Convention
from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.views import lift_adjoint, lift_equation
from symbackprop.calculus.written import written
from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.errors import NotationError
from symbackprop.formula.tree import (
    Array,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    MatMul,
    Ref,
    equal,
)
from symbackprop.notation import to_written
from symbackprop.notation.base import Notation
from symbackprop.system.model import ADJOINT, Axis, Equation, Quantity, System, entry, index, size

ALONE = ("input", "target", "pre-activation", "activation", "intermediate")
"""Roles of which every sample has its own numbers."""


def section(one: System, notation: Notation) -> Section | None:
    """The last layer with m samples: forward, gradient for the inputs, the weights and the biases.

    None where the notation has no letters for the arrays of a batch.
    """
    many = batched(one)
    adjoints = textbook_forms(sweep(many))
    z = [q for q in many.quantities if q.role == "pre-activation"][-1]
    w = [q for q in many.quantities if q.role == "weight"][-1]
    biases = [q for q in many.quantities if q.role == "bias" and q.layer == w.layer][-1:]
    forward = many.equations_of[z.name][-1]
    sender = _sender(many, forward)
    rows = []
    steps: list[Step] = []
    for convention in CONVENTIONS:
        chains = (
            lift_equation(many, forward, convention).statement,
            _lifted(many, adjoints.of(sender.name), convention),
            _lifted(many, adjoints.of(w.name), convention),
            *(_lifted(many, adjoints.of(b.name), convention) for b in biases),
        )
        about = {"samples": convention.samples, "weights": convention.weights}
        rows.append(
            (
                (f"samples {convention.samples}", {}),
                (f"weights {convention.weights}", {}),
                *(chain.members[-1] for chain in chains[:3]),
            )
        )
        steps.append(
            Step(
                "lift to matrix",
                chains,
                topic="convention",
                about=about,
                layout=(convention.samples, convention.weights),
            )
        )
    if not _writable([c for step in steps for c in step.statements], notation, many):
        return None
    header = ("samples are", "weights", "forward", "gradient inputs", "gradient weights")
    table = Table("conventions", header, tuple(rows), {})
    mean = one.about.over_samples == "mean"
    note = Prose("conventions ones", {"mean": mean})
    items: tuple[Step | Prose | Table, ...] = (table, *steps, note)
    letters: dict[str, object] = {
        "mean": mean,
        "z": Array(z.name, _layer(forward)),
        "a": Array(sender.name, _sent(many, forward, sender)),
        "delta": Array(ADJOINT + z.name, _layer(forward)),
    }
    return Section("conventions", items, letters, many)


def _layer(forward: Equation) -> tuple[Formula, ...]:
    """The layer of a family's equation, as written; nothing for other networks."""
    named = [i for i in forward.indices if str(i) == "l"]
    return tuple(Idx(str(i)) for i in named)


def _sent(system: System, forward: Equation, sender: Quantity) -> tuple[Formula, ...]:
    """The layer from which the weighted sum takes its values."""
    entries = [e for e in forward.rhs.atoms(sp.Indexed) if e.base.label.name == sender.name]
    return (written(entries[0].indices[0], system),) if _layer(forward) else ()


def _writable(chains: list[Chain], notation: Notation, system: System) -> bool:
    try:
        for chain in chains:
            to_written(chain, notation, system)
    except NotationError:
        return False
    return True


def _lifted(system: System, adjoint: Adjoint, convention: Convention) -> Chain:
    """The case of the adjoint that is a product (of a family: that of the hidden layers)."""
    found = [lifted.statement for lifted in lift_adjoint(system, adjoint, convention)]
    products = [c for c in found if any(isinstance(n, MatMul) for n in c.walk())]
    left, *rest = (products or found)[-1].members
    if isinstance(left, Ref):  # a bias that the layer shares is one number
        node = Ref(left.name.removeprefix(ADJOINT), left.indices)
        return equal(Deriv(Ref(system.cost), node), *rest)
    assert isinstance(left, Array)
    gradient = Grad(Ref(system.cost), Array(left.name.removeprefix(ADJOINT), left.indices))
    return equal(gradient, *rest)


def _sender(system: System, forward: Equation) -> Quantity:
    """What the weighted sum takes in."""
    names = [e.base.label.name for e in sorted(forward.rhs.atoms(sp.Indexed), key=str)]
    return next(q for n in names if (q := system[n]).role in ("input", "activation"))


def batched(one: System) -> System:
    """The network of one sample with m samples; the cost is the sum (or the mean) over them."""
    letter, count = index("n"), size("m")
    axis = Axis(letter, count, kind="sample", space="samples")
    alone = {q.name for q in one.quantities if q.role in ALONE}

    def place(q: Quantity) -> int:
        """Where the sample axis goes: after the layer axis, which comes first."""
        return sum(1 for a in q.axes if a.kind == "layer")

    def own(expr: sp.Expr) -> sp.Expr:
        entries = {}
        for e in expr.atoms(sp.Indexed):
            name = e.base.label.name
            if name in alone:
                at = place(one[name])
                entries[e] = entry(name, *e.indices[:at], letter, *e.indices[at:])
        return expr.xreplace(entries)

    quantities = []
    for q in one.quantities:
        at = place(q)
        axes = (*q.axes[:at], axis, *q.axes[at:]) if q.name in alone else q.axes
        quantities.append(replace(q, axes=axes))
    equations = []
    for e in one.equations:
        if e.target == one.cost:
            total = sp.Sum(own(e.rhs), (letter, 1, count))
            mean = one.about.over_samples == "mean"
            equations.append(replace(e, rhs=total / count if mean else total))
            continue
        at = place(one[e.target])
        indices = (*e.indices[:at], letter, *e.indices[at:])
        ranges = (*e.ranges, (letter, sp.Integer(1), count))
        equations.append(replace(e, indices=indices, rhs=own(e.rhs), ranges=ranges))
    return replace(
        one,
        quantities=tuple(quantities),
        equations=tuple(equations),
        sizes=(*one.sizes, count),
        values={},
    )
